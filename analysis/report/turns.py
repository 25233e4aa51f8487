"""For the report: the same settings of a workload, measured in turns and launch after launch."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.comparisons.comparison import Comparison
from analysis.comparisons.valid_launches import Counted, CountedSettings
from analysis.statistics.log_mean import LogMean
from analysis.statistics.welch import welch, welch_of_values
from workloads.vocabulary.plan import Cell, Plan


@dataclass(frozen=True)
class TwoWays:
    """A comparison that was made both ways."""

    in_turns: Comparison
    alone: Comparison
    difference: LogMean  # logarithm of the ratio in turns over the one launch after launch
    call: LogMean | None  # of the baseline's time of a call in turns over the one alone; None: no spread is known

    @property
    def agree(self) -> bool:
        """Whether 1 lies in the 95 % interval of the two ratios' ratio."""
        low, high = self.difference.interval
        return low <= 1 <= high


def two_ways(plan: Plan, comparisons: Sequence[Comparison], launches: pd.DataFrame) -> list[TwoWays]:
    """What a plan with a sweep in turns and the same one with `turns: false` says of each setting.

    `comparisons` are those by each cell's first metric.
    """
    cells = {(cell.sweep, cell.workload, cell.definition): cell for cell in plan.cells}
    found = [(cells[row.sweep, row.workload, row.definition], row) for row in comparisons if _error(row) is not None]
    counted = CountedSettings(launches)
    return [
        TwoWays(
            in_turns=row,
            alone=other,
            difference=welch(_mean(row), _mean(other)),
            call=_call(counted.of(cell, cell.baseline), counted.of(apart, apart.baseline)),
        )
        for cell, row in found
        if cell.turns
        for apart, other in _same_alone(found, cell, row)
    ]


def _same_alone(
    found: Sequence[tuple[Cell, Comparison]], cell: Cell, row: Comparison
) -> Iterator[tuple[Cell, Comparison]]:
    for apart, other in found:
        same_case = (apart.workload, apart.fixed, apart.baseline) == (cell.workload, cell.fixed, cell.baseline)
        if same_case and not apart.turns and other.setting == row.setting:
            yield apart, other


def _error(row: Comparison) -> float | None:
    return row.standard_error if row.ratio is not None and row.freedom is not None else None


def _mean(row: Comparison) -> LogMean:
    assert row.ratio is not None
    assert row.standard_error is not None
    assert row.freedom is not None
    return LogMean(math.log(row.ratio), row.standard_error, row.freedom)


def _call(in_turns: Counted, alone: Counted) -> LogMean | None:
    times = [np.log(side.numbers("median_s")) for side in (in_turns, alone)]
    return welch_of_values(*(one[~np.isnan(one)] for one in times))
