"""Attention: many small matrix products side by side in one operation, with a softmax between two of them.

The product of batches divides its matrices, not their rows, among threads. XLA (`jit_compile`) fuses the softmax.

Work: 4 · batch · heads · length² · depth FLOP, the two products of softmax(Q Kᵀ / √depth) V for each of
batch · heads matrices Q, K, V of length x depth standard normal values. The softmax is not counted. Inputs and
results are in the precision that the parameters name.
Check: 4 of the batch · heads results, spread evenly from the first to the last, whole, against NumPy in
float64. A key that is left out gives an error of about 1/√length, above the tolerance even for the largest.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.harness.contract import Parameters, Workload, choice, compare, tolerance, whole
from workloads.parts.graphs import compiled, graph_workload
from workloads.vocabulary.record import Check, Work


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes and form."""

    batch: int = whole(16, 1, 256)  # sequences
    heads: int = whole(12, 1, 128)  # of each sequence
    length: int = whole(128, 1, 4096)  # positions of a sequence
    depth: int = whole(64, 1, 512)  # numbers of a position in one head
    precision: str = choice("float32", "bfloat16")  # of inputs, operations and results
    jit_compile: bool = choice(False, True)  # by XLA


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call is the attention of all heads, in one graph."""
    import tensorflow as tf

    shape = (3, params.batch * params.heads, params.length, params.depth)
    q, k, v = rng.standard_normal(shape, dtype=np.float32)

    def attention(q: Any, k: Any, v: Any) -> Any:
        scores = tf.linalg.matmul(q, k, transpose_b=True) * params.depth**-0.5
        return tf.linalg.matmul(tf.nn.softmax(scores), v)

    graph = compiled(attention, params.jit_compile)
    on_device = [tf.cast(array, params.precision) for array in (q, k, v)]
    some = np.unique(np.linspace(0, params.batch * params.heads - 1, 4).astype(int))

    def check(output: Any) -> Check:
        reference = np.stack([_attention(q[i], k[i], v[i]) for i in some])
        # Two products, and two more for the rounding of scores, weights and result to BF16.
        return compare(output.numpy()[some], reference, tolerance(4), "NumPy, float64, 4 heads")

    return graph_workload(
        graph, on_device, Work(4.0 * params.batch * params.heads * params.length**2 * params.depth, "FLOP"), check
    )


def _attention(q: NDArray[np.float32], k: NDArray[np.float32], v: NDArray[np.float32]) -> NDArray[np.float64]:
    """The definition for one head: three arrays of length x depth, the same shape out."""
    weights = np.exp(q.astype(np.float64) @ k.T.astype(np.float64) / np.sqrt(q.shape[1]))
    result: NDArray[np.float64] = (weights / weights.sum(axis=1, keepdims=True)) @ v
    return result
