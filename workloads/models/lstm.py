"""A long short-term memory layer over a sequence (Hochreiter and Schmidhuber 1997), as Keras builds it.

Each step waits for the one before and is a small product: hardly anything to divide among threads of either
pool, so what more threads cost shows here. On the CPU the steps are a loop in the graph, on a GPU Keras takes
cuDNN's layer. Batch 1 is the latency of a request. precision "mixed" computes in bfloat16 with float32 weights.

Work: steps · batch · 8 · units · (features + units) FLOP: the four gates' products; what is done element by
element is not counted.
Check: the first and the last sequence, the output of each step, against NumPy in float64. A gate in another's
place, or a step that does not see the one before, changes all later outputs.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.harness.contract import Parameters, Workload, choice, compare, tolerance, whole
from workloads.parts.graphs import compiled, graph_workload, metric_of_batch
from workloads.parts.keras_models import computing_in, draw_weights
from workloads.vocabulary.record import Check, Work

# Errors of earlier steps fade, as the forget gate lets go of them: several products count, not all steps.
_TOLERANCE = tolerance(16)


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes and forms."""

    batch: int = whole(32, 1, 1024)  # sequences; 1 gives latency
    steps: int = whole(64, 1, 4096)
    features: int = whole(128, 1, 4096)  # of a step's input
    units: int = whole(256, 1, 4096)  # of a step's output and state
    precision: str = choice("float32", "mixed")
    jit_compile: bool = choice(False, True)  # by XLA


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call takes all sequences through all steps, in one graph."""
    import tensorflow as tf

    sequences = rng.standard_normal((params.batch, params.steps, params.features), dtype=np.float32)
    with computing_in(params.precision):
        layer = tf.keras.layers.LSTM(params.units, return_sequences=True)
        layer.build(sequences.shape)
    draw_weights(layer, rng)
    graph = compiled(lambda batch: layer(batch, training=False), params.jit_compile)
    on_device = tf.constant(sequences)
    ends = sorted({0, params.batch - 1})

    def check(output: Any) -> Check:
        reference = _forward(sequences[ends], *layer.cell.get_weights())
        return compare(output.numpy()[ends], reference, _TOLERANCE, "NumPy, float64, first and last sequence")

    work = Work(8.0 * params.steps * params.batch * params.units * (params.features + params.units), "FLOP")
    return graph_workload(graph, [on_device], work, check, metric=metric_of_batch(params.batch))


def _forward(
    sequences: NDArray[Any], kernel: NDArray[Any], recurrent: NDArray[Any], bias: NDArray[Any]
) -> NDArray[np.float64]:
    """The definition of the layer: batch x steps x features in, batch x steps x units out.

    The kernels hold the gates side by side, as Keras does: input, forget, candidate, output.
    """
    units = len(recurrent)
    hidden = memory = np.zeros((len(sequences), units))
    outputs = []
    for x in sequences.astype(np.float64).swapaxes(0, 1):
        gates = x @ kernel + hidden @ recurrent + bias
        take, keep, candidate, give = (gates[:, gate * units : (gate + 1) * units] for gate in range(4))
        memory = _sigmoid(keep) * memory + _sigmoid(take) * np.tanh(candidate)
        hidden = _sigmoid(give) * np.tanh(memory)
        outputs.append(hidden)
    return np.stack(outputs, axis=1)


def _sigmoid(x: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * x))
