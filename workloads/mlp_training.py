"""A training loop over a small multilayer perceptron, as in guide G1, repaired.

The guide prints and fetches the loss in every step, times the tracing, and ends each epoch on a short
batch, which is traced anew. Here an epoch is one graph: batches are cut from data that lie in memory,
the short rest is dropped, the losses come out once at the end, and tracing is over before timing begins.
Plain variables and a GradientTape in place of Keras: a step is then exactly what is written below,
whatever the version of Keras, so that NumPy can take the same steps as the reference.

Work: ⌊examples / batch⌋ · batch examples for one call, which is one epoch of stochastic gradient descent on
the mean softmax cross-entropy, float32, `layers` hidden layers of `hidden` units with ReLU.
Check: the first epoch against NumPy in float64 from the same weights: the loss of each step and what the
epoch added to each weight. After timing: all losses finite, and their mean not above the first epoch's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.record import Check, Work
from workloads.workload import Parameters, Workload, compare, tolerance, whole, worst

_CLASSES = 10

# A rounding error of ε in a product flips the ReLU of a share ε of the units, and so changes a gradient by
# √ε, 5e-2 for BF16 and 1e-1 after eight layers; a layer that is not trained gives 1.
_STEPS_TOLERANCE = 0.2

Array = NDArray[Any]


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes."""

    features: int = whole(784, 1, 16384)  # of an example
    hidden: int = whole(256, 1, 16384)  # units of a hidden layer
    layers: int = whole(2, 1, 8)  # hidden layers
    batch: int = whole(128, 1, 16384)  # examples of a step
    examples: int = whole(2000, 1, 262144)  # in the data

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.examples < self.batch:
            raise ValueError(f"examples: {self.examples} do not fill one batch of {self.batch}")


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call is one epoch; the weights go on from where the last call left them."""
    import tensorflow as tf

    steps = params.examples // params.batch
    inputs = rng.standard_normal((steps, params.batch, params.features), dtype=np.float32)
    # Labels that can be learnt: a random linear teacher's.
    labels = (inputs @ rng.standard_normal((params.features, _CLASSES), dtype=np.float32)).argmax(axis=-1)
    widths = [params.features, *[params.hidden] * params.layers, _CLASSES]
    # Gradients grow with the widths that a layer sums over: so training is stable for all sizes.
    rate = 1.0 / sum(widths)
    start = _weights(widths, rng)
    trained = [tf.Variable(array) for array in start]

    def step(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            for layer in range(params.layers):
                x = tf.nn.relu(x @ trained[2 * layer] + trained[2 * layer + 1])
            logits = x @ trained[-2] + trained[-1]
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
        for variable, gradient in zip(trained, tape.gradient(loss, trained), strict=True):
            variable.assign_sub(rate * gradient)
        return loss

    def steps_in_turn(inputs: Any, labels: Any) -> Any:
        losses = tf.TensorArray(tf.float32, size=steps)
        for i in tf.range(steps):
            losses = losses.write(i, step(inputs[i], labels[i]))
        return losses.stack()

    allowed = tolerance(params.layers + 1)
    epoch = tf.function(steps_in_turn)
    on_device = tf.constant(inputs), tf.constant(labels)

    @cache
    def reference() -> tuple[Array, list[Array]]:
        return _train(start, inputs, labels, rate)

    def check_first(losses: Any) -> Check:
        reference_losses, end = reference()
        parts = [compare(losses.numpy(), reference_losses, allowed, "NumPy, float64, the first epoch's losses")]
        for variable, before, after in zip(trained, start, end, strict=True):
            added = variable.numpy() - before
            parts.append(compare(added, after - before, _STEPS_TOLERANCE, "NumPy, float64, the first epoch's steps"))
        return worst(*parts)

    def check_last(losses: Any) -> Check:
        # Where a value is not finite the comparison is false too.
        passed = bool(losses.numpy().mean(dtype=np.float64) <= reference()[0].mean() * (1 + allowed))
        return Check(passed, None, allowed, "finite, and not above the first epoch's mean loss")

    return Workload(
        call=lambda: epoch(*on_device),
        work=Work(float(steps * params.batch), "example"),
        check_first=check_first,
        check_last=check_last,
        traced=epoch,
    )


def _weights(widths: list[int], rng: np.random.Generator) -> list[Array]:
    """Weights (inputs x outputs) and biases (outputs) of each layer in turn, the lowest first; float32."""
    arrays: list[Array] = []
    for inputs, outputs in pairwise(widths):
        # He et al. 2015: values keep their size through layers with ReLU.
        arrays.append(rng.standard_normal((inputs, outputs), dtype=np.float32) * np.float32(np.sqrt(2.0 / inputs)))
        arrays.append(np.zeros(outputs, dtype=np.float32))
    return arrays


def _train(start: list[Array], inputs: Array, labels: Array, rate: float) -> tuple[Array, list[Array]]:
    """The definition of an epoch: the loss of each step, and the weights and biases at its end.

    In float64, save that weights and biases are kept in float32 between steps, as TensorFlow keeps them:
    the steps of a wide layer are so small that this rounding would else be most of the difference.
    """
    arrays = [array.copy() for array in start]
    losses = []
    for x, y in zip(inputs.astype(np.float64), labels, strict=True):
        activations = [x]
        for weights, biases in zip(arrays[:-2:2], arrays[1:-2:2], strict=True):
            activations.append(np.maximum(activations[-1] @ weights + biases, 0.0))
        logits = activations[-1] @ arrays[-2] + arrays[-1]
        logits -= logits.max(axis=1, keepdims=True)
        chosen = (np.arange(len(y)), y)
        log_sums = np.log(np.exp(logits).sum(axis=1, keepdims=True))
        losses.append(float((log_sums[:, 0] - logits[chosen]).mean()))

        # d loss / d logits, then down through the layers; each layer's weights are used before they change.
        slope = np.exp(logits - log_sums)
        slope[chosen] -= 1.0
        slope /= len(y)
        for layer in reversed(range(len(activations))):
            weights, biases = arrays[2 * layer], arrays[2 * layer + 1]
            below = (slope @ weights.T) * (activations[layer] > 0)
            weights -= rate * (activations[layer].T @ slope)
            biases -= rate * slope.sum(axis=0)
            slope = below
    return np.array(losses), arrays
