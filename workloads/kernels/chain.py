"""The same matrix products one after another or side by side: what dependencies between operations cost.

Both shapes are graphs of the same operations on as much data; only the edges differ. In a chain each
product takes the result of the one before, in the wide shape all take the first matrix.

Work: length · 2 n³ FLOP, `length` float32 products X W with a W of its own each, all n x n. The output is the sums
of each product's columns.
Check: all length x n sums against NumPy in float64, which takes the sums of X's columns through the products.
A product that is left out gives an error of 1/√length or more, above the tolerance even for the largest length.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.harness.contract import Parameters, Workload, choice, compare, tolerance, whole
from workloads.parts.graphs import graph_workload
from workloads.parts.orthogonal import orthogonal
from workloads.vocabulary.record import Check, Work


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes and shape."""

    shape: str = choice("chain", "wide")  # one after another, or side by side
    length: int = whole(64, 1, 128)  # products
    n: int = whole(192, 1, 2048)  # rows and columns


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call is all products, in one graph."""
    import tensorflow as tf

    chained = params.shape == "chain"
    start = rng.standard_normal((params.n, params.n), dtype=np.float32)
    # So the values neither grow nor vanish along a chain, and errors do not either.
    weights = orthogonal(params.length, params.n, rng)

    def sums(start: Any, weights: list[Any]) -> Any:
        x, rows = start, []
        for w in weights:
            x = tf.linalg.matmul(x if chained else start, w)
            rows.append(tf.reduce_sum(x, axis=0))
        return tf.stack(rows)

    graph = tf.function(sums)
    on_device = tf.constant(start), [tf.constant(w) for w in weights]

    def check(output: Any) -> Check:
        first = start.sum(axis=0, dtype=np.float64)
        row, rows = first, []
        for w in weights:
            row = (row if chained else first) @ w
            rows.append(row)
        allowed = tolerance(params.length if chained else 1)
        return compare(output.numpy(), np.stack(rows), allowed, "NumPy, float64, all sums")

    return graph_workload(graph, on_device, Work(2.0 * params.length * params.n**3, "FLOP"), check)
