"""Whether what intervals rest on holds in a run: rounds that know nothing of each other, places that do not matter."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.comparisons.comparison import Comparison
from analysis.comparisons.valid_launches import counting
from analysis.statistics.clustered import Clustered, ratio_of_sums

_FEWEST_ROUNDS = 3
_CELL = ["workload", "definition"]


@dataclass(frozen=True)
class Assumptions:
    """What was found; None where the run is too small to tell."""

    rounds: Clustered | None  # lag-one autocorrelation of log-ratios, pooled over workloads
    places: Clustered | None  # what one place later in a round adds to the log time of a call

    @property
    def too_narrow(self) -> float | None:
        """By which factor intervals are too narrow, as far as rounds depend on each other; None: they do not."""
        if self.rounds is None or self.rounds.low <= 0:
            return None
        share = min(self.rounds.value, 0.95)
        return math.sqrt((1 + share) / (1 - share))


def assumptions(comparisons: Sequence[Comparison], launches: pd.DataFrame) -> Assumptions:
    """Look at all comparisons by their first metric, and at all launches."""
    return Assumptions(_rounds(comparisons), None if launches.empty else _places(counting(launches)))


def _rounds(comparisons: Sequence[Comparison]) -> Clustered | None:
    """The settings of a workload share its baseline's launches, so that the workload is the cluster.

    Deviations from a mean of n have an expected autocorrelation of -1/n where there is none, which is put back.
    """
    above: dict[tuple[str, str], float] = defaultdict(float)
    below: dict[tuple[str, str], float] = defaultdict(float)
    for comparison in comparisons:
        values = np.asarray(comparison.log_ratios, dtype=float)
        deviations = values - values.mean() if len(values) else values
        squares = float((deviations**2).sum())
        if len(values) < _FEWEST_ROUNDS or not squares:
            continue
        following = np.diff(comparison.pair_rounds) == 1
        products = float((deviations[:-1] * deviations[1:])[following].sum())
        weight, place = len(values) - 1, (comparison.workload, comparison.definition)
        above[place] += weight * (products / squares + following.sum() / (weight * len(values)))
        below[place] += weight
    return ratio_of_sums(list(above.values()), list(below.values()))


def _places(launches: pd.DataFrame) -> Clustered | None:
    """Log times over positions, both without what setting and round add to them."""
    rows = launches[["definition", "workload", "setting", "round", "position", "call_s"]].dropna()
    times = _without_setting_and_round(rows["call_s"].astype(float).map(math.log), rows)
    positions = _without_setting_and_round(rows["position"].astype(float), rows)
    of_cell = [rows[name] for name in _CELL]
    above, below = (positions * times).groupby(of_cell).sum(), (positions**2).groupby(of_cell).sum()
    return ratio_of_sums(above.to_numpy(), below.to_numpy())


def _without_setting_and_round(values: pd.Series, rows: pd.DataFrame) -> pd.Series:
    for name in ("setting", "round"):
        values = values - values.groupby([rows[key] for key in (*_CELL, name)]).transform("mean")
    return values
