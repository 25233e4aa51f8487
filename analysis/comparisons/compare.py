"""Launches to comparisons: how fast is each setting against its cell's baseline, and how sure are we?

The launch is the unit of replication, and comparisons are paired within a round (Kalibera and Jones 2013,
"Rigorous benchmarking in reasonable time", on repeating at the level at which the noise arises). A round gives one
log-ratio (analysis.comparisons.pairing): of work a second, so that settings whose calls differ in work compare fairly,
or of what else a sweep names. Over the rounds: the mean with Student's interval, the t-test, and Holm's adjustment
(1979, "A simple sequentially rejective multiple test procedure") over all comparisons of a sweep, its workloads and
metrics together. Settings of a cell whose launches spread alike share one error (analysis.statistics.pooled).

Beside the test of difference stand two one-sided tests of equivalence (Schuirmann 1987, "A comparison of the two
one-sided tests procedure and the power approach"), unadjusted: a comparison that is not resolved as a difference is
called equivalent if they place it within the margin. A difference that is resolved stays one, however small.

The interval is for one comparison alone (95 %), the verdict for the sweep: an interval may exclude 1 where the
adjusted p does not allow a verdict. Which launches count is told by analysis.comparisons.valid_launches.

    python -m analysis.comparisons.compare --results results/MACHINE
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.comparisons.comparison import COMPARISONS, Comparison
from analysis.comparisons.importance import IMPORTANCE, importance
from analysis.comparisons.latency import LATENCIES, latencies
from analysis.comparisons.metrics import LATENCY, METRICS, THROUGHPUT, Metric
from analysis.comparisons.pairing import Paired, held_against, pooled
from analysis.comparisons.resources import RESOURCES, resources
from analysis.comparisons.valid_launches import Counted, CountedSettings
from analysis.comparisons.verdict import Verdict, bounded, verdict_of
from analysis.records.folder import read_plan
from analysis.statistics.holm import holm
from analysis.statistics.log_mean import LogMean, estimate, exp
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
    return [comparison for sweep in sweeps.values() for comparison in adjust(sweep)]


def adjust(sweep: list[Comparison]) -> list[Comparison]:
    """Adjust the comparisons of one sweep together, and give those that could be tested their verdict."""
    tested = [index for index, comparison in enumerate(sweep) if comparison.p is not None]
    adjusted = dict(zip(tested, holm([comparison.p for comparison in sweep if comparison.p is not None]), strict=True))
    return [_judge(comparison, adjusted.get(index), len(tested)) for index, comparison in enumerate(sweep)]


def _judge(comparison: Comparison, adjusted: float | None, family: int) -> Comparison:
    if comparison.ratio is None:
        return comparison
    if adjusted is None or comparison.standard_error is None or comparison.freedom is None:
        return replace(comparison, verdict=Verdict.ONE_ROUND if comparison.pairs < 2 else Verdict.NO_VARIANCE)
    metric = METRICS[comparison.metric]
    verdict = verdict_of(comparison.ratio, adjusted, comparison.p_equivalence, metric.better, metric.worse)
    if metric in (THROUGHPUT, LATENCY):
        slow = {"timed_out": comparison.timed_out > 0, "baseline_timed_out": comparison.baseline_timed_out > 0}
        verdict = bounded(verdict, **slow)
    resolvable = smallest_resolvable(comparison.standard_error, comparison.freedom, family)
    return replace(comparison, verdict=verdict, p_adjusted=adjusted, family=family, resolvable=resolvable)


def metrics_of(cell: Cell, counted: CountedSettings) -> list[Metric]:
    """What the cell's settings are compared by: what its sweep names, else what its workload is about."""
    if cell.metrics:
        return [METRICS[name] for name in cell.metrics]
    told = {metric for setting in cell.settings for metric in counted.of(cell, setting.id).texts("metric")}
    return [LATENCY if told == {MetricName.LATENCY} else THROUGHPUT]


def _compare_cell(cell: Cell, metric: Metric, counted: CountedSettings) -> list[Comparison]:
    held = held_against(cell, metric, counted, cell.baseline)
    means = pooled(held)
    return [
        _compare(cell, metric, setting, counted, held[setting.id], means.get(setting.id))
        for setting in cell.settings
        if setting.id != cell.baseline
    ]


def _compare(
    cell: Cell, metric: Metric, setting: Setting, counted: CountedSettings, held: Paired | Verdict, mean: LogMean | None
) -> Comparison:
    """One comparison, not yet adjusted, of all launches of two settings."""
    baseline, launches, base = baseline_of(cell), counted.of(cell, setting.id), counted.of(cell, cell.baseline)
    pairs = 0 if isinstance(held, Verdict) else len(held.rounds)
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
        pairs=pairs,
        missing=cell.rounds - pairs,
        failed=launches.failed,
        timed_out=launches.timed_out,
        baseline_timed_out=base.timed_out,
        verdict=held if isinstance(held, Verdict) else Verdict.UNRESOLVED,
        directory=cell.directory,
    )
    if isinstance(held, Verdict):
        return row
    mine, theirs = held.ours, held.base
    row = replace(
        row,
        **vars(estimate(held.log_ratios, mean)),
        value=float(np.median(launches.numbers(metric.shown)[mine])),
        baseline_value=float(np.median(base.numbers(metric.shown)[theirs])),
        call_s=float(np.median(launches.numbers("call_s")[mine])),
        baseline_call_s=float(np.median(base.numbers("call_s")[theirs])),
        error=_largest(launches.numbers("check_error")[mine]),
        baseline_error=_largest(base.numbers("check_error")[theirs]),
        pair_rounds=tuple(held.rounds.tolist()),
        log_ratios=tuple(held.log_ratios.tolist()),
        records=_places(launches, mine),
        baseline_records=_places(base, theirs),
        unsteady=_unsteady(launches, mine) + _unsteady(base, theirs),
    )
    if held.slices is None:
        return row
    stalls = held.slices
    return replace(row, by_work=stalls.by_work, stalls=exp(stalls.stalls), stalls_seen=exp(stalls.least_seen))


def _largest(errors: NDArray[np.float64]) -> float | None:
    known = errors[~np.isnan(errors)]
    return float(known.max()) if len(known) else None


def _places(launches: Counted, paired: NDArray[np.intp]) -> tuple[str, ...]:
    positions = launches.numbers("position")
    return tuple(f"{launches.rounds[place]}/{positions[place]:.0f}" for place in paired)


def _unsteady(launches: Counted, paired: NDArray[np.intp]) -> int:
    steadiness = launches.texts("steadiness")
    return sum(steadiness[place] == UNSTEADY for place in paired)


def write(root: Path) -> None:
    """Make the tables that follow from the launches of the machine's folder `root`. Raises AnalysisError."""
    plan, launches = read_plan(root), read_launches(root)
    compared = comparisons(plan, launches)
    COMPARISONS.write(root, compared)
    IMPORTANCE.write(root, importance(plan, compared))
    LATENCIES.write(root, latencies(plan, launches))
    RESOURCES.write(root, resources(plan, launches))


main = stage(write)


if __name__ == "__main__":
    raise SystemExit(main())
