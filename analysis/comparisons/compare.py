"""Launches to comparisons: how fast is each setting against its cell's baseline, and how sure are we?

The launch is the unit of replication, and comparisons are paired within a round (Kalibera and Jones 2013,
"Rigorous benchmarking in reasonable time", on repeating at the level at which the noise arises): for each round
log(setting / baseline) of the work done a second at the launch's median, so that > 0 is faster than the baseline and
settings whose calls differ in work compare fairly; the mean over the rounds with Student's interval (pairs - 1
degrees of freedom); the paired t-test; Holm's adjustment (1979, "A simple sequentially rejective multiple test
procedure") over all comparisons of a sweep, its workloads together.

Beside the test of difference stand two one-sided tests of equivalence (Schuirmann 1987, "A comparison of the two
one-sided tests procedure and the power approach"), unadjusted: a comparison that is not resolved as a difference is
called equivalent if they place it within the margin. A difference that is resolved stays one, however small.

The interval is for one comparison alone (95 %), the verdict for the sweep: an interval may exclude 1 where the
adjusted p does not allow a verdict. Which launches count is told by analysis.comparisons.valid_launches.

    python -m analysis.comparisons.compare --results results/MACHINE
"""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.comparisons.comparison import COMPARISONS, Comparison
from analysis.comparisons.latency import LATENCIES, latencies
from analysis.comparisons.metrics import LATENCY, METRICS, THROUGHPUT, Metric
from analysis.comparisons.valid_launches import Counted, CountedSettings, obstacle, paired
from analysis.comparisons.verdict import Verdict, verdict_of
from analysis.records.folder import read_plan
from analysis.statistics.holm import holm
from analysis.statistics.log_mean import estimate, exp
from analysis.statistics.power import smallest_resolvable
from analysis.tables.steadiness import UNSTEADY
from analysis.tables.tables import read_launches
from workloads.vocabulary.command_line import stage
from workloads.vocabulary.metrics import MetricName
from workloads.vocabulary.plan import Cell, Plan, baseline_of
from workloads.vocabulary.record import Setting


def comparisons(plan: Plan, launches: pd.DataFrame) -> list[Comparison]:
    """The rows of the table of comparisons: one for each setting but the baseline of each cell, in the plan's order.

    Raises AnalysisError if two launches of one round and setting count.
    """
    counted = CountedSettings(launches)
    sweeps: dict[str, list[Comparison]] = {}
    for cell in plan.cells:
        for metric in metrics_of(cell, counted):
            sweeps.setdefault(cell.sweep, []).extend(_compare_cell(cell, metric, counted))
    return [one for sweep in sweeps.values() for one in adjust(sweep)]


def adjust(sweep: list[Comparison]) -> list[Comparison]:
    """Adjust the comparisons of one sweep together, and give those that could be tested their verdict."""
    tested = [index for index, one in enumerate(sweep) if one.p is not None]
    adjusted = dict(zip(tested, holm([one.p for one in sweep if one.p is not None]), strict=True))
    return [_judge(one, adjusted.get(index), len(tested)) for index, one in enumerate(sweep)]


def _judge(one: Comparison, adjusted: float | None, family: int) -> Comparison:
    if one.ratio is None:
        return one
    if one.sd_log_ratio is None:
        return replace(one, verdict=Verdict.ONE_ROUND)
    if adjusted is None:
        return replace(one, verdict=Verdict.NO_VARIANCE)
    metric = METRICS[one.metric]
    verdict = verdict_of(one.ratio, adjusted, one.p_equivalence, metric.better, metric.worse)
    resolvable = smallest_resolvable(one.sd_log_ratio, one.pairs, family)
    return replace(one, verdict=verdict, p_adjusted=adjusted, family=family, resolvable=resolvable)


def metrics_of(cell: Cell, counted: CountedSettings) -> list[Metric]:
    """What the cell's settings are compared by: what its sweep names, else what its workload is about."""
    if cell.metrics:
        return [METRICS[name] for name in cell.metrics]
    told = {metric for setting in cell.settings for metric in counted.of(cell, setting.id).texts("metric")}
    return [LATENCY if told == {MetricName.LATENCY} else THROUGHPUT]


def _compare_cell(cell: Cell, metric: Metric, counted: CountedSettings) -> list[Comparison]:
    baseline = baseline_of(cell)
    base = counted.of(cell, baseline.id)
    return [
        _compare(cell, metric, setting, baseline, counted.of(cell, setting.id), base)
        for setting in cell.settings
        if setting.id != baseline.id
    ]


def _compare(
    cell: Cell, metric: Metric, setting: Setting, baseline: Setting, ours: Counted, base: Counted
) -> Comparison:
    """One comparison, not yet adjusted, of all launches of two settings."""
    reason, pairs = obstacle(ours, base, metric), paired(ours, base, metric)
    mine, theirs = pairs.ours, pairs.base
    row = Comparison(
        sweep=cell.sweep,
        workload=cell.workload,
        definition=cell.definition,
        setting=setting.id,
        label=setting.label,
        baseline=baseline.id,
        baseline_label=baseline.label,
        rounds=cell.rounds,
        metric=metric.name,
        is_first_metric=not cell.metrics or metric.name == cell.metrics[0],
        pairs=len(pairs.rounds),
        missing=cell.rounds - len(pairs.rounds),
        verdict=reason or Verdict.UNRESOLVED,
        directory=cell.directory,
    )
    if reason:
        return row
    of_means = _log_mean_speed(ours)[mine] - _log_mean_speed(base)[theirs]
    return replace(
        row,
        **asdict(estimate(pairs.log_ratios)),
        ratio_of_means=exp(float(of_means.mean())) if metric in (THROUGHPUT, LATENCY) else None,
        value=float(np.median(ours.numbers(metric.shown)[mine])),
        baseline_value=float(np.median(base.numbers(metric.shown)[theirs])),
        median_s=float(np.median(ours.numbers("median_s")[mine])),
        baseline_median_s=float(np.median(base.numbers("median_s")[theirs])),
        error=_largest(ours.numbers("check_error")[mine]),
        baseline_error=_largest(base.numbers("check_error")[theirs]),
        records=_places(ours, mine),
        baseline_records=_places(base, theirs),
        unsteady=_unsteady(ours, mine) + _unsteady(base, theirs),
    )


def _log_mean_speed(launches: Counted) -> NDArray[np.float64]:
    speeds: NDArray[np.float64] = np.log(launches.numbers("work_amount") / launches.numbers("mean_s"))
    return speeds


def _largest(errors: NDArray[np.float64]) -> float | None:
    known = errors[~np.isnan(errors)]
    return float(known.max()) if len(known) else None


def _places(launches: Counted, paired: NDArray[np.intp]) -> tuple[str, ...]:
    positions = launches.numbers("position")
    return tuple(f"{launches.rounds[one]}/{positions[one]:.0f}" for one in paired)


def _unsteady(launches: Counted, paired: NDArray[np.intp]) -> int:
    steadiness = launches.texts("steadiness")
    return sum(steadiness[one] == UNSTEADY for one in paired)


def write(root: Path) -> None:
    """Make the tables of comparisons and of latencies of the machine's folder `root`. Raises AnalysisError."""
    plan, launches = read_plan(root), read_launches(root)
    COMPARISONS.write(root, comparisons(plan, launches))
    LATENCIES.write(root, latencies(plan, launches))


main = stage(write)


if __name__ == "__main__":
    raise SystemExit(main())
