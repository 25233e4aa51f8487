"""A training loop over a small multilayer perceptron: guide G1's own, and repaired.

Form "guide" is the guide's loop: a tf.data pipeline of batches, a traced function for a step, the loss fetched and
printed after every step, and a short last batch, for which the step is traced anew in the first epoch. Form "repaired"
(the default): an epoch is one graph, batches are cut from data that lie in memory, the short rest is dropped, and
the losses come out once at the end. The first call shows what tracing costs, the timed ones what the rest does.
Plain variables and a GradientTape in place of Keras: a step is then exactly what is written below,
whatever the version of Keras, so that NumPy can take the same steps as the reference.

Work: one call is an epoch of stochastic gradient descent on the mean softmax cross-entropy, float32, `layers` hidden
layers of `hidden` units with ReLU: ⌊examples / batch⌋ · batch examples; all of them for the guide.
Check: the first epoch against NumPy in float64 from the same weights: the loss of each step and what the
epoch added to each weight. After timing: all losses finite, and their mean not above the first epoch's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.harness.contract import Parameters, Workload, choice, compare, tolerance, whole, worst
from workloads.vocabulary.record import Check, Work

_CLASSES = 10

# A rounding error of ε in a product flips the ReLU of a share ε of the units, and so changes a gradient by
# √ε, 5e-2 for BF16 and 1e-1 after eight layers; a layer that is not trained gives 1.
_STEPS_TOLERANCE = 0.2

Array = NDArray[Any]


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes, and whose loop it is."""

    features: int = whole(784, 1, 16384)  # of an example
    hidden: int = whole(256, 1, 16384)  # units of a hidden layer
    layers: int = whole(2, 1, 8)  # hidden layers
    batch: int = whole(128, 1, 16384)  # examples of a step
    examples: int = whole(2000, 1, 262144)  # in the data
    form: str = choice("repaired", "guide")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.examples < self.batch:
            raise ValueError(f"examples: {self.examples} do not fill one batch of {self.batch}")


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call is one epoch; the weights go on from where the last call left them."""
    import tensorflow as tf

    used = params.examples if params.form == "guide" else params.examples // params.batch * params.batch
    inputs = rng.standard_normal((used, params.features), dtype=np.float32)
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

    epoch = _guide_epoch if params.form == "guide" else _repaired_epoch
    call, traced = epoch(tf, step, inputs, labels, params.batch)
    allowed = tolerance(params.layers + 1)

    @cache
    def reference() -> tuple[Array, list[Array]]:
        cuts = range(params.batch, used, params.batch)
        return _train(start, np.split(inputs, cuts), np.split(labels, cuts), rate)

    def check_first(losses: Any) -> Check:
        reference_losses, end = reference()
        parts = [compare(np.asarray(losses), reference_losses, allowed, "NumPy, float64, the first epoch's losses")]
        for variable, before, after in zip(trained, start, end, strict=True):
            added = variable.numpy() - before
            parts.append(compare(added, after - before, _STEPS_TOLERANCE, "NumPy, float64, the first epoch's steps"))
        return worst(*parts)

    def check_last(losses: Any) -> Check:
        # Where a value is not finite the comparison is false too.
        passed = bool(np.asarray(losses).mean(dtype=np.float64) <= reference()[0].mean() * (1 + allowed))
        return Check(passed, None, allowed, "finite, and not above the first epoch's mean loss")

    return Workload(
        call=call,
        work=Work(float(used), "example"),
        check_first=check_first,
        check_last=check_last,
        traced=traced,
    )


def _repaired_epoch(tf: Any, step: Any, inputs: Array, labels: Array, batch: int) -> tuple[Callable[[], Any], Any]:
    """All steps in one graph, which gives their losses: what to call, and what is traced."""
    steps = len(inputs) // batch

    def steps_in_turn(inputs: Any, labels: Any) -> Any:
        losses = tf.TensorArray(tf.float32, size=steps)
        for i in tf.range(steps):
            losses = losses.write(i, step(inputs[i], labels[i]))
        return losses.stack()

    epoch = tf.function(steps_in_turn)
    on_device = tf.constant(inputs.reshape(steps, batch, -1)), tf.constant(labels.reshape(steps, batch))
    return lambda: epoch(*on_device), epoch


def _guide_epoch(tf: Any, step: Any, inputs: Array, labels: Array, batch: int) -> tuple[Callable[[], Any], Any]:
    """The guide's loop over batches: what to call, and what is traced."""
    dataset = tf.data.Dataset.from_tensor_slices((inputs, labels)).batch(batch)
    graph = tf.function(step)

    def epoch() -> Array:
        losses = []
        for number, (x, y) in enumerate(dataset):
            loss = graph(x, y)
            print(f"Step {number}, Loss: {loss.numpy()}")
            losses.append(loss.numpy())
        return np.array(losses)

    return epoch, graph


def _weights(widths: list[int], rng: np.random.Generator) -> list[Array]:
    """Weights (inputs x outputs) and biases (outputs) of each layer in turn, the lowest first; float32."""
    arrays: list[Array] = []
    for inputs, outputs in pairwise(widths):
        # He et al. 2015: values keep their size through layers with ReLU.
        arrays.append(rng.standard_normal((inputs, outputs), dtype=np.float32) * np.float32(np.sqrt(2.0 / inputs)))
        arrays.append(np.zeros(outputs, dtype=np.float32))
    return arrays


def _train(
    start: list[Array], inputs: Sequence[Array], labels: Sequence[Array], rate: float
) -> tuple[Array, list[Array]]:
    """The definition of an epoch, given the inputs and labels of each step.

    Gives the loss of each step, and the weights and biases at the end.

    In float64, save that weights and biases are kept in float32 between steps, as TensorFlow keeps them:
    the steps of a wide layer are so small that this rounding would else be most of the difference.
    """
    arrays = [array.copy() for array in start]
    losses = []
    for x, y in zip(inputs, labels, strict=True):
        activations = [x.astype(np.float64)]
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
