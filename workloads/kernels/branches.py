"""Independent chains of small matrix products: what inter-op threads run side by side.

Each product is too small to be divided well among intra-op threads, and no chain waits for another.

Work: k · depth · 2 n³ FLOP. Each of k branches takes a matrix of its own through `depth` products
X ← X W with a W of its own, float32 and n x n, and gives the sums of the result's columns. All inputs
differ, because TensorFlow merges branches that are alike; all results are stacked into the output.
Check: all k x n sums against NumPy in float64, which takes the sums of X's columns through the
products. A branch that is left out, or stands in another's place, gives an error of 1/√k or more, above
the tolerance even for the largest k and depth.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.harness.contract import Parameters, Workload, choice, compare, tolerance, whole
from workloads.parts.graphs import compiled, graph_workload
from workloads.vocabulary.record import Check, Work


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes and form."""

    k: int = whole(8, 1, 64)  # branches
    depth: int = whole(16, 1, 256)  # products of a branch, one after another
    n: int = whole(192, 1, 1024)  # rows and columns
    jit_compile: bool = choice(False, True)  # by XLA


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call is all branches, in one graph."""
    import tensorflow as tf

    shape = (params.k, params.n, params.n)
    starts = rng.standard_normal(shape, dtype=np.float32)
    # Orthogonal, so that the values neither grow nor vanish, whatever the depth, and errors do not either.
    weights = np.linalg.qr(rng.standard_normal(shape, dtype=np.float32))[0]

    def sums(starts: list[Any], weights: list[Any]) -> Any:
        ends = []
        for x, w in zip(starts, weights, strict=True):
            for _ in range(params.depth):
                x = tf.linalg.matmul(x, w)
            ends.append(tf.reduce_sum(x, axis=0))
        return tf.stack(ends)

    graph = compiled(sums, params.jit_compile)
    on_device = [tf.constant(x) for x in starts], [tf.constant(w) for w in weights]

    def check(output: Any) -> Check:
        reference = starts.sum(axis=1, dtype=np.float64)
        for _ in range(params.depth):
            reference = np.einsum("kn,knm->km", reference, weights)
        return compare(output.numpy(), reference, tolerance(params.depth), "NumPy, float64, all sums")

    return graph_workload(graph, on_device, Work(2.0 * params.k * params.depth * params.n**3, "FLOP"), check)
