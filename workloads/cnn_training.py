"""Training steps of a small convolutional network on images that lie in memory.

Convolutions and their gradients, which are twice the work; the two gradients of a layer do not wait for each
other. Keras's layers and optimizer, in a loop of this file's own: `fit` would bring its input pipeline, its
callbacks and its printing along. precision "mixed" computes in bfloat16 with float32 weights.

Work: steps · batch examples for one call: each step is one of stochastic gradient descent on the mean softmax
cross-entropy of one batch, and all calls take the same batches. The network: 3 x 3 convolution to `channels`,
ReLU, mean over 2 x 2, the same to twice as many channels, and a dense layer to 10 classes. A mean, not a
maximum, because neighbours that are nearly equal would send the gradient elsewhere after any rounding.
Check: the first call against NumPy in float64 from the same weights: the loss of each step and what the steps
added to each weight. After timing: the mean loss is below the first call's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.harness.contract import Parameters, Workload, choice, whole
from workloads.parts.compilation import compiled
from workloads.parts.image_training import checks, draw_examples, learning_rate, network
from workloads.parts.keras_models import computing_in, draw_weights
from workloads.vocabulary.record import Work


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes and forms."""

    batch: int = whole(64, 1, 4096)  # images of a step
    steps: int = whole(4, 1, 256)  # of a call, each on a batch of its own
    size: int = whole(32, 4, 256)  # rows and columns of an image, a multiple of 4
    channels: int = whole(32, 1, 512)  # after the first convolution
    precision: str = choice("float32", "mixed")
    jit_compile: bool = choice(False, True)  # by XLA

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.size % 4:
            raise ValueError(f"size: {self.size} is not a multiple of 4, as two means over 2 x 2 need it")


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call is all steps, in one graph; the weights go on from where the last call left them."""
    import tensorflow as tf

    images, labels = draw_examples(params.steps, params.batch, params.size, rng)
    with computing_in(params.precision):
        model = network(params.size, params.channels)
    draw_weights(model, rng)
    rate = learning_rate(params.size, params.channels)
    optimizer = tf.keras.optimizers.SGD(rate)
    optimizer.build(model.trainable_variables)
    check_first, check_last = checks(model, images, labels, rate)

    def step(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            logits = tf.cast(model(x, training=True), tf.float32)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
        optimizer.apply(tape.gradient(loss, model.trainable_variables))
        return loss

    def steps_in_turn(images: Any, labels: Any) -> Any:
        losses = tf.TensorArray(tf.float32, size=params.steps)
        for i in tf.range(params.steps):
            losses = losses.write(i, step(images[i], labels[i]))
        return losses.stack()

    graph = compiled(steps_in_turn, params.jit_compile)
    on_device = tf.constant(images), tf.constant(labels)
    return Workload(
        call=lambda: graph(*on_device),
        work=Work(float(params.steps * params.batch), "example"),
        check_first=check_first,
        check_last=check_last,
        traced=graph,
    )
