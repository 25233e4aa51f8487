"""Percentiles of single calls, for workloads whose metric is latency: what the slowest of many requests wait.

A launch's p99 is a number like its median, and is compared in the same way: the log-ratio to the baseline of its own
round, and Student's interval over the rounds. A percentile of a few calls is only their largest: a launch counts where
at least two of its calls are expected beyond it, 40 calls for p95 and 200 for p99.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.comparisons.valid_launches import Counted, CountedSettings
from analysis.statistics.log_mean import estimate
from workloads.vocabulary.plan import Cell, Plan

PERCENTILES = (50, 95, 99)
_COLUMNS = {50: "median_s", 95: "p95_s", 99: "p99_s"}
_BEYOND = 2


@dataclass(frozen=True)
class Percentile:
    """One percentile of a setting's calls. Seconds; ratios of the baseline's time to the setting's, > 1: faster."""

    percentile: int
    seconds: float | None  # median over the launches; None: too few calls in a launch
    ratio: float | None = None  # over the rounds in which both count; None for the baseline itself
    low: float | None = None  # 95 % interval
    high: float | None = None


@dataclass(frozen=True)
class Latency:
    """The calls of a setting."""

    cell: Cell
    label: str
    is_baseline: bool
    calls: int  # of a launch, median
    percentiles: list[Percentile]


def latencies(plan: Plan, launches: pd.DataFrame) -> list[Latency]:
    """One for each setting with launches that count, of the cells whose metric is latency, in the plan's order."""
    ours = launches[launches["metric"] == "latency"]
    counted, found = CountedSettings(ours), []
    for cell in plan.cells:
        base = counted.of(cell, cell.baseline)
        for setting in cell.settings:
            one, is_baseline = counted.of(cell, setting.id), setting.id == cell.baseline
            if len(one.rounds):
                percentiles = [_percentile(at, one, None if is_baseline else base) for at in PERCENTILES]
                calls = int(np.median(one.numbers("samples")))
                found.append(Latency(cell, setting.label, is_baseline, calls, percentiles))
    return found


def _percentile(percentile: int, ours: Counted, base: Counted | None) -> Percentile:
    times = _times(percentile, ours)
    if not len(times):
        return Percentile(percentile, None)
    seconds = float(times.median())
    ratios = (_times(percentile, base) / times).dropna() if base else times.iloc[:0]
    if not len(ratios):
        return Percentile(percentile, seconds)
    found = estimate(np.log(ratios.to_numpy()))
    return Percentile(percentile, seconds, found.speedup, found.low, found.high)


def _times(percentile: int, launches: Counted) -> pd.Series:
    """Seconds of the launches with calls enough; index: round."""
    fewest = math.ceil(_BEYOND * 100 / (100 - percentile))
    times = pd.Series(launches.numbers(_COLUMNS[percentile]), index=launches.rounds)
    return times[launches.numbers("samples") >= fewest]
