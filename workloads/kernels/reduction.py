"""The means of a large matrix's rows, or of its columns: what memory bandwidth bounds, in either order.

A row lies in one piece and its mean is one thread's work; a column does not, and the threads must share the
work in another way.

Work: 4 · rows · columns bytes, the float32 matrix of standard normal values that each call reads once.
Check: all means against NumPy in float64. One of the terms of a mean left out gives an error of 1/√terms,
above the tolerance even for the largest sizes.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.harness.contract import Parameters, Workload, choice, compare, tolerance, whole
from workloads.parts.graphs import graph_workload
from workloads.vocabulary.record import Check, Work


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes and form."""

    rows: int = whole(8192, 1, 16384)
    columns: int = whole(4096, 1, 16384)
    each: str = choice("row", "column")  # what a mean is taken of


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call gives the means of all rows or of all columns, by a graph of one operation."""
    import tensorflow as tf

    matrix = rng.standard_normal((params.rows, params.columns), dtype=np.float32)
    axis = 1 if params.each == "row" else 0

    def means(matrix: Any) -> Any:
        return tf.reduce_mean(matrix, axis=axis)

    graph = tf.function(means)
    on_device = tf.constant(matrix)

    def check(output: Any) -> Check:
        return compare(output.numpy(), matrix.mean(axis=axis, dtype=np.float64), tolerance(1), "NumPy, float64, all")

    return graph_workload(graph, [on_device], Work(4.0 * params.rows * params.columns, "byte"), check)
