"""Percentiles of single calls, for workloads whose metric is latency: what the slowest of many requests wait.

A launch's p99 is a number like its median, and is compared in the same way: the log-ratio to the baseline of its own
round, and Student's interval over the rounds. A percentile of a few calls is only their largest: how many calls a
launch needs to count is said by analysis.comparisons.metrics.fewest_calls.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
import pandas as pd

from analysis.comparisons.metrics import LATENCY, METRICS
from analysis.comparisons.pairing import paired
from analysis.comparisons.valid_launches import CountedSettings
from analysis.statistics.log_mean import estimate
from analysis.tables.columns import Definition, Label, SettingId, SweepName, Told, WorkloadName
from analysis.tables.tables import RowTable
from workloads.vocabulary.metrics import MetricName
from workloads.vocabulary.plan import Cell, Plan
from workloads.vocabulary.record import Setting

PERCENTILES = {
    50: replace(LATENCY, fewest_samples=4),
    95: METRICS[MetricName.P95_LATENCY],
    99: METRICS[MetricName.P99_LATENCY],
}


@dataclass(frozen=True)
class Latency:
    """One percentile of the calls of a setting; numbers are None where they cannot be said."""

    sweep: SweepName
    workload: WorkloadName
    definition: Definition
    setting: SettingId
    label: Label
    is_baseline: Annotated[bool, Told("whether the cell's other settings are compared with this one")]
    calls: Annotated[int, Told("timed calls of a launch, median over the launches", "1")]
    percentile: Annotated[int, Told("of the calls so many take no longer", "%")]
    seconds: Annotated[float | None, Told("time of a call at that percentile, median over the launches", "s")]
    ratio: Annotated[float | None, Told("the baseline's time over the setting's, > 1: faster", "1")] = None
    low: Annotated[float | None, Told("lower bound of its 95 % interval", "1")] = None
    high: Annotated[float | None, Told("upper bound", "1")] = None


LATENCIES = RowTable("latencies", Latency, "analysis.comparisons.compare")


def latencies(plan: Plan, launches: pd.DataFrame) -> list[Latency]:
    """For each setting with launches that count a row a percentile, of the cells whose metric is latency."""
    counted = CountedSettings(launches[launches["metric"] == "latency"])
    return [
        _latency(cell, setting, percentile, counted)
        for cell in plan.cells
        for setting in cell.settings
        if len(counted.of(cell, setting.id).rounds)
        for percentile in PERCENTILES
    ]


def _latency(cell: Cell, setting: Setting, percentile: int, counted: CountedSettings) -> Latency:
    launches, metric = counted.of(cell, setting.id), PERCENTILES[percentile]
    times = launches.numbers(metric.column)[~np.isnan(launches.log_of(metric))]
    row = Latency(
        sweep=cell.sweep,
        workload=cell.workload,
        definition=cell.definition,
        setting=setting.id,
        label=setting.label,
        is_baseline=setting.id == cell.baseline,
        calls=int(np.median(launches.numbers("samples"))),
        percentile=percentile,
        seconds=float(np.median(times)) if len(times) else None,
    )
    log_ratios = paired(launches, counted.of(cell, cell.baseline), metric).log_ratios
    if row.is_baseline or not len(log_ratios):
        return row
    against = estimate(log_ratios)
    return replace(row, ratio=against.ratio, low=against.low, high=against.high)
