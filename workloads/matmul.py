"""A product of two square matrices: what intra-op threads divide among themselves.

Work: 2 n³ FLOP, one product C = A B with A and B of n x n standard normal values, inputs and result in the
precision that the parameters name.
Check: 16 rows of C, spread evenly from the first to the last, against NumPy's product in float64 of the
same inputs: all columns are seen, and each part of a division of the rows into up to 15. One of the n
terms left out would give an error of 1/√n, twice the tolerance even for the largest n.
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

    n: int = whole(2048, 1, 8192)  # rows and columns
    precision: str = choice("float32", "bfloat16")  # of inputs, operations and results
    jit_compile: bool = choice(False, True)  # by XLA


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call is one product, by a graph of one operation."""
    import tensorflow as tf

    a, b = (rng.standard_normal((params.n, params.n), dtype=np.float32) for _ in range(2))
    product = compiled(tf.linalg.matmul, params.jit_compile)
    on_device = tf.cast(a, params.precision), tf.cast(b, params.precision)
    rows = np.unique(np.linspace(0, params.n - 1, 16).astype(int))

    def check(output: Any) -> Check:
        reference = a[rows].astype(np.float64) @ b.astype(np.float64)
        return compare(output.numpy()[rows], reference, tolerance(1), "NumPy, float64, 16 rows")

    return graph_workload(product, on_device, Work(2.0 * params.n**3, "FLOP"), check)
