"""For the report: the same settings of a workload, measured in turns and launch after launch."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.comparisons.comparison import Comparison
from analysis.comparisons.valid_launches import Counted, CountedSettings
from analysis.statistics.holm import holm
from analysis.statistics.log_mean import ALPHA, LogMean
from analysis.statistics.welch import welch, welch_of_values
from workloads.vocabulary.plan import Cell, Plan


@dataclass(frozen=True)
class TwoWays:
    """A comparison that was made both ways."""

    in_turns: Comparison
    alone: Comparison
    difference: LogMean  # logarithm of the ratio in turns over the one launch after launch
    call: LogMean | None  # of the baseline's time of a call in turns over the one alone; None: no spread is known

    p_adjusted: float  # of no difference between the two ratios, after Holm's adjustment over all such rows

    @property
    def agree(self) -> bool:
        """Whether the two ratios differ by no more than chance."""
        return self.p_adjusted >= ALPHA


def two_ways(plan: Plan, comparisons: Sequence[Comparison], launches: pd.DataFrame) -> list[TwoWays]:
    """What a plan with a sweep in turns and the same one with `turns: false` says of each setting.

    `comparisons` are those by each cell's first metric.
    """
    cells = {(cell.sweep, cell.workload, cell.definition): cell for cell in plan.cells}
    means = [(cells[row.sweep, row.workload, row.definition], row, _mean(row)) for row in comparisons]
    counted = CountedSettings(launches)
    pairs = [
        (row, other, welch(mean, other_mean), _call(counted.of(cell, cell.baseline), counted.of(apart, apart.baseline)))
        for (cell, row, mean), (apart, other, other_mean) in itertools.product(means, means)
        if cell.turns and not apart.turns and _are_alike(cell, apart) and row.setting == other.setting
        if mean and other_mean
    ]
    p_values = holm([difference.p_difference() for _, _, difference, _ in pairs])
    return [TwoWays(*pair, p_adjusted) for pair, p_adjusted in zip(pairs, p_values, strict=True)]


def _are_alike(cell: Cell, other: Cell) -> bool:
    return (cell.workload, cell.fixed, cell.baseline) == (other.workload, other.fixed, other.baseline)


def _mean(row: Comparison) -> LogMean | None:
    if row.ratio is None or row.standard_error is None or row.freedom is None:
        return None
    return LogMean(math.log(row.ratio), row.standard_error, row.freedom)


def _call(in_turns: Counted, alone: Counted) -> LogMean | None:
    times = [np.log(side.numbers("median_s")) for side in (in_turns, alone)]
    return welch_of_values(*(values[~np.isnan(values)] for values in times))
