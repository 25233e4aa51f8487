"""Sums of random rows of a large table, as in a recommender's sparse features: what memory latency bounds.

Each call looks up another set of rows, in turn, so that a cache smaller than the table cannot keep the rows
from one call to the next.

Work: 4 · bags · lookups · width bytes, the float32 rows that one call reads from the table. Each of the bags
gives the sum of `lookups` rows of `width` numbers, drawn evenly from the whole table.
Check: 64 bags, spread evenly from the first to the last, against NumPy in float64. A row that is left out
of a sum gives an error of 1/√lookups, five times the tolerance even for the largest number.
"""

from dataclasses import dataclass
from itertools import cycle
from typing import Any

import numpy as np

from workloads.harness.contract import Parameters, Workload, compare, tolerance, whole
from workloads.vocabulary.record import Check, Work

_SETS = 16  # with the default sizes they read nine rows of ten


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes."""

    rows: int = whole(1_000_000, 1, 100_000_000)  # of the table
    width: int = whole(32, 1, 1024)  # numbers of a row
    bags: int = whole(4096, 1, 1 << 20)  # sums of one call
    lookups: int = whole(32, 1, 1024)  # rows of a sum


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call is the sums of one set of lookups, in one graph; its output is the set and its sums."""
    import tensorflow as tf

    table = rng.standard_normal((params.rows, params.width), dtype=np.float32)
    sets = rng.integers(params.rows, size=(_SETS, params.bags, params.lookups), dtype=np.int32)

    def sums(table: Any, rows: Any) -> Any:
        return tf.reduce_sum(tf.gather(table, rows), axis=1)

    graph = tf.function(sums)
    on_device = tf.constant(table)
    turns = cycle([tf.constant(rows) for rows in sets])

    def call() -> tuple[Any, Any]:
        rows = next(turns)
        return rows, graph(on_device, rows)

    some = np.unique(np.linspace(0, params.bags - 1, 64).astype(int))

    def check(output: tuple[Any, Any]) -> Check:
        rows, sums = (array.numpy()[some] for array in output)
        return compare(sums, table[rows].sum(axis=1, dtype=np.float64), tolerance(1), "NumPy, float64, 64 sums")

    return Workload(
        call=call,
        work=Work(4.0 * params.bags * params.lookups * params.width, "byte"),
        check_first=check,
        check_last=check,
        traced=graph,
    )
