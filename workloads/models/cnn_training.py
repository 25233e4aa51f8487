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

from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.harness.contract import Workload, choice
from workloads.parts.graphs import compiled
from workloads.parts.image_training import TrainingParams, prepare_training
from workloads.vocabulary.record import Work


@dataclass(frozen=True)
class Params(TrainingParams):
    """Sizes and forms."""

    jit_compile: bool = choice(False, True)  # by XLA


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call is all steps, in one graph; the weights go on from where the last call left them."""
    import tensorflow as tf

    training = prepare_training(params, rng)

    def steps_in_turn(images: Any, labels: Any) -> Any:
        losses = tf.TensorArray(tf.float32, size=params.steps)
        for i in tf.range(params.steps):
            losses = losses.write(i, training.step(images[i], labels[i]))
        return losses.stack()

    graph = compiled(steps_in_turn, params.jit_compile)
    on_device = tf.constant(training.images), tf.constant(training.labels)
    return Workload(
        call=lambda: graph(*on_device),
        work=Work(float(params.steps * params.batch), "example"),
        check_first=training.check_first,
        check_last=training.check_last,
        traced=graph,
    )
