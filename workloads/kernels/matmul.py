"""A product of two matrices, square ones by default: what intra-op threads divide among themselves.

Work: 2 m n k FLOP, one product C = A B with A of m x k and B of k x n standard normal values, inputs and result in the
precision that the parameters name. A transposed matrix is stored the other way round; what is computed is the same.
Check: 16 rows of C, spread evenly from the first to the last, against NumPy's product in float64 of the
same inputs: all columns are seen, and each part of a division of the rows into up to 15. One of the k
terms left out would give an error of 1/√k, twice the tolerance even for the largest n.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.harness.contract import Parameters, Workload, choice, compare, tolerance, whole
from workloads.parts.graphs import compiled, graph_workload
from workloads.vocabulary.record import Check, Work


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes and form; with names as BLAS has them."""

    n: int = whole(2048, 1, 8192)  # columns of B and of the product
    m: int = whole(0, 0, 8192)  # rows of A and of the product; 0: as n
    k: int = whole(0, 0, 8192)  # columns of A, rows of B; 0: as n
    transpose_a: bool = choice(False, True)  # A is stored as k x m
    transpose_b: bool = choice(False, True)  # B is stored as n x k
    precision: str = choice("float32", "bfloat16")  # of inputs, operations and results
    jit_compile: bool = choice(False, True)  # by XLA


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call is one product, by a graph of one operation."""
    import tensorflow as tf

    m, n, k = params.m or params.n, params.n, params.k or params.n
    a, b = (rng.standard_normal(shape, dtype=np.float32) for shape in ((m, k), (k, n)))

    def multiply(left: Any, right: Any) -> Any:
        return tf.linalg.matmul(left, right, transpose_a=params.transpose_a, transpose_b=params.transpose_b)

    product = compiled(multiply, params.jit_compile)
    stored = a.T if params.transpose_a else a, b.T if params.transpose_b else b
    on_device = tuple(tf.cast(np.ascontiguousarray(matrix), params.precision) for matrix in stored)
    rows = np.unique(np.linspace(0, m - 1, 16).astype(int))

    def check(output: Any) -> Check:
        reference = a[rows].astype(np.float64) @ b.astype(np.float64)
        return compare(output.numpy()[rows], reference, tolerance(1), "NumPy, float64, 16 rows")

    return graph_workload(product, on_device, Work(2.0 * m * n * k, "FLOP"), check)
