"""A dense layer at batch 1, one row times a large matrix: what memory bandwidth bounds.

Each number of the matrix is read for a single multiplication, so more threads help only until memory is busy.

Work: 4 n² bytes, the float32 matrix of n x n standard normal values that each call reads once.
Check: 64 of the n results, spread evenly from the first to the last, against NumPy in float64. One of the n
terms of a result left out would give an error of 1/√n on average, above the tolerance even for the largest n.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.harness.contract import Parameters, Workload, compare, tolerance, whole
from workloads.parts.graphs import graph_workload
from workloads.vocabulary.record import Check, Work


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes."""

    n: int = whole(6144, 1, 16384)  # rows and columns


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call is one product, by a graph of one operation."""
    import tensorflow as tf

    x = rng.standard_normal((1, params.n), dtype=np.float32)
    matrix = rng.standard_normal((params.n, params.n), dtype=np.float32)
    product = tf.function(tf.linalg.matmul)
    on_device = tf.constant(x), tf.constant(matrix)
    columns = np.unique(np.linspace(0, params.n - 1, 64).astype(int))

    def check(output: Any) -> Check:
        reference = x.astype(np.float64) @ matrix[:, columns].astype(np.float64)
        return compare(output.numpy()[:, columns], reference, tolerance(1), "NumPy, float64, 64 columns")

    return graph_workload(product, on_device, Work(4.0 * params.n**2, "byte"), check)
