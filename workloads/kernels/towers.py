"""The gradients of one deep tower or of several independent ones: whether gradients are computed side by side.

Both shapes hold as many layers of the same size, so the same operations. Towers wait for each other nowhere. In a
deep tower each layer waits for the next one's gradient, and only the two products of one layer's backward pass
are independent of each other.

Work: 6 · towers · layers · batch · units² FLOP. A layer is x ← tanh(x W), float32, x of batch x units; forward
takes one product, backward two: the gradients of W and of x, also of each tower's input, so that both
shapes have equally many. The deep shape is one tower of towers · layers layers.
Check: the gradient of each W and of each input, all of it, against NumPy in float64, the worst of them. A gradient
that is left out gives an error of 1.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.harness.contract import Parameters, Workload, choice, compare, tolerance, whole, worst
from workloads.parts.graphs import graph_workload
from workloads.parts.orthogonal import orthogonal
from workloads.vocabulary.record import Check, Work


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes and shape."""

    shape: str = choice("towers", "deep")  # side by side, or stacked into one
    towers: int = whole(8, 1, 32)
    layers: int = whole(4, 1, 32)  # of a tower, one after another
    batch: int = whole(128, 1, 4096)  # examples
    units: int = whole(256, 1, 2048)  # of each layer, and of the input


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call is the forward and the backward pass of all towers, in one graph; its output is the gradients."""
    import tensorflow as tf

    deep = params.shape == "deep"
    towers, layers = (1, params.towers * params.layers) if deep else (params.towers, params.layers)
    shape = (towers, params.batch, params.units)
    inputs, slopes = (rng.standard_normal(shape, dtype=np.float32) for _ in range(2))
    # So values and gradients shrink with depth by the tanh alone, which is slowly.
    weights = orthogonal(towers * layers, params.units, rng).reshape(towers, layers, params.units, params.units)

    def gradients(inputs: list[Any], weights: list[list[Any]], slopes: list[Any]) -> Any:
        with tf.GradientTape() as tape:
            tape.watch([inputs, weights])
            outputs = []
            for x, tower in zip(inputs, weights, strict=True):
                for w in tower:
                    x = tf.tanh(tf.linalg.matmul(x, w))
                outputs.append(x)
        return tape.gradient(outputs, [inputs, weights], slopes)

    graph = tf.function(gradients)
    on_device = (
        [tf.constant(x) for x in inputs],
        [[tf.constant(w) for w in tower] for tower in weights],
        [tf.constant(slope) for slope in slopes],
    )

    def check(output: Any) -> Check:
        of_inputs, of_weights = _gradients(inputs, weights, slopes)
        pairs = zip(tf.nest.flatten(output), [*of_inputs, *of_weights.reshape(-1, *weights.shape[2:])], strict=True)
        # A gradient of the weights has gone through each layer once, forward or backward.
        allowed = tolerance(layers + 1)
        return worst(*(compare(got.numpy(), wanted, allowed, "NumPy, float64, all gradients") for got, wanted in pairs))

    return graph_workload(
        graph, on_device, Work(6.0 * params.towers * params.layers * params.batch * params.units**2, "FLOP"), check
    )


def _gradients(
    inputs: NDArray[np.float32], weights: NDArray[np.float32], slopes: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The gradients of Σ outputs · slopes.

    Inputs and slopes are towers x batch x units, weights towers x layers x units x units; so are their gradients.
    """
    activations = [inputs.astype(np.float64)]
    layers = range(weights.shape[1])
    for layer in layers:
        activations.append(np.tanh(activations[-1] @ weights[:, layer]))
    slope, of_weights = slopes.astype(np.float64), np.empty(weights.shape)
    for layer in reversed(layers):
        slope = slope * (1.0 - activations[layer + 1] ** 2)
        of_weights[:, layer] = activations[layer].swapaxes(1, 2) @ slope
        slope = slope @ weights[:, layer].swapaxes(1, 2)
    return slope, of_weights
