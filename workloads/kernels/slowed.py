"""A chain of matrix products that can be given more to do than it owns up to: a slowdown of known size.

With `extra` more products on top of `products`, a call does more work while the work that it declares stays the same.
So a setting with `extra: 3` is slower than one with 0 by 3 % of the products' time, 3 in 100, and a sweep over both
shows whether the suite finds what is known to be there.

Work: `products` · 2 n³ FLOP, float32 products X W of n x n one after another, whatever `extra` is.
Check: the sums of the result's columns against NumPy in float64. The matrices W are orthogonal, so that a product
that is left out gives an error of about 1.
"""

from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

import numpy as np

from workloads.harness.contract import Parameters, Workload, compare, tolerance, whole
from workloads.parts.graphs import graph_workload
from workloads.parts.orthogonal import orthogonal
from workloads.vocabulary.record import Check, Work

_MATRICES = 8


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes, and what is done on top."""

    extra: int = whole(0, 0, 100)  # products that are not declared
    products: int = whole(100, 1, 200)
    n: int = whole(192, 1, 2048)  # rows and columns


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call is the whole chain, as one graph."""
    import tensorflow as tf

    start = rng.standard_normal((params.n, params.n), dtype=np.float32)
    # A few matrices in turn: however long the chain is, its data stays as near to the CPU.
    weights = orthogonal(_MATRICES, params.n, rng)
    length = params.products + params.extra

    def sums(x: Any, weights: list[Any]) -> Any:
        for w in islice(cycle(weights), length):
            x = tf.linalg.matmul(x, w)
        return tf.reduce_sum(x, axis=0)

    graph = tf.function(sums)
    on_device = tf.constant(start), [tf.constant(w) for w in weights]

    def check(output: Any) -> Check:
        row = start.sum(axis=0, dtype=np.float64)
        for w in islice(cycle(weights), length):
            row = row @ w
        return compare(output.numpy(), row, tolerance(length), "NumPy, float64, the sums of the columns")

    return graph_workload(graph, on_device, Work(2.0 * params.products * params.n**3, "FLOP"), check)
