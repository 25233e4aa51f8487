"""The whole run in one row a workload: its best setting, its worst one, and where TensorFlow's defaults stand.

Only cells count whose baseline is TensorFlow's defaults (analysis.recommendations.names.asked). Cells that hold
something fixed, such as another program beside the workload, are left to their sweeps where the workload is also
asked without.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import pandas as pd

from analysis.comparisons.comparison import Comparison
from analysis.comparisons.valid_launches import counting
from analysis.margin import MARGIN
from analysis.recommendations.recommendation_row import RecommendationRow
from analysis.statistics.geometric_mean import Interval, geometric_mean
from analysis.tables.columns import Definition, Directory, SweepName, Told, WorkloadName
from analysis.tables.tables import RowTable
from analysis.wording import interval, margin, ratio, share
from workloads.vocabulary.amounts import count
from workloads.vocabulary.plan import Cell

# A workload's outputs in float32 come out 1e-7 to 1e-5 from their reference, in BF16 2e-3 and more.
REDUCED = 1e-3

_MaybeNumber = float | None


@dataclass(frozen=True)
class WorkloadAnswer:
    """What to run a workload with, and what the wrong choice costs; numbers are None where they cannot be said."""

    workload: WorkloadName
    sweep: SweepName
    definition: Definition
    stays: Annotated[bool, Told("whether TensorFlow's defaults are recommended, and no other setting")]
    known: Annotated[bool, Told("whether the launches say which; else the words say why not")]
    best: Annotated[str, Told("the best setting beside the defaults, if it is faster on average")]
    gain: Annotated[_MaybeNumber, Told("its speed over the defaults', on rounds that had no part in the choice", "1")]
    low: Annotated[_MaybeNumber, Told("lower bound of its 95 % interval", "1")]
    high: Annotated[_MaybeNumber, Told("upper bound", "1")]
    words: Annotated[str, Told("the reason")]
    error: Annotated[_MaybeNumber, Told("largest relative error of its outputs", "1")]
    call_s: Annotated[_MaybeNumber, Told("time of a call with the recommended setting: median over launches", "s")]
    default_call_s: Annotated[_MaybeNumber, Told("the same with the defaults", "s")]
    peak_rss_bytes: Annotated[_MaybeNumber, Told("most memory with the recommended setting, median", "bytes")]
    default_peak_rss_bytes: Annotated[_MaybeNumber, Told("the same with the defaults", "bytes")]
    tried: Annotated[int, Told("settings that were held against the defaults", "1")]
    faster: Annotated[int, Told("of them, faster ones", "1")]
    slower: Annotated[int, Told("of them, slower ones", "1")]
    worst: Annotated[str, Told("the slowest setting that is slower for sure")]
    worst_ratio: Annotated[_MaybeNumber, Told("its speed over the defaults'", "1")]
    worst_low: Annotated[_MaybeNumber, Told("lower bound of its 95 % interval", "1")]
    worst_high: Annotated[_MaybeNumber, Told("upper bound", "1")]
    file: Annotated[str, Told("environment variables for `docker run --env-file`, below the machine's folder")]
    directory: Directory

    @property
    def is_reduced(self) -> bool:
        """Whether the recommended setting computes with reduced precision."""
        return not self.stays and self.error is not None and self.error > REDUCED


OVERVIEW = RowTable("overview", WorkloadAnswer, "analysis.recommendations.recommend")


def overview(
    cells: Sequence[Cell], rows: Sequence[RecommendationRow], compared: Sequence[Comparison], launches: pd.DataFrame
) -> list[WorkloadAnswer]:
    """A row for each workload of these cells, those that are asked, in their order.

    `rows` are their recommendations, `compared` all comparisons by their first metric, `launches` all launches.
    """
    recommended = {(row.sweep, row.workload): row for row in rows}
    places: dict[str, list[Cell]] = {}
    for cell in cells:
        places.setdefault(cell.workload, []).append(cell)
    launches = counting(launches)
    answers = []
    for of_workload in places.values():
        plain = [cell for cell in of_workload if not cell.fixed] or of_workload
        names = {(cell.sweep, cell.workload) for cell in plain}
        comparisons = [row for row in compared if (row.sweep, row.workload) in names]
        best = max((recommended[name] for name in names), key=_rank)
        answers.append(_answer(best, comparisons, launches[launches["definition"] == best.definition]))
    return answers


def _rank(row: RecommendationRow) -> tuple[bool, bool, float, str]:
    """The largest recommended gain comes first; then what is known, and comes nearest to a gain."""
    return not row.stays, row.gain is not None, (row.rival_gain if row.stays else row.gain) or 0.0, row.sweep


def _answer(row: RecommendationRow, comparisons: Sequence[Comparison], launches: pd.DataFrame) -> WorkloadAnswer:
    slower = [comparison for comparison in comparisons if comparison.verdict.is_worse and comparison.ratio is not None]
    worst = min(slower, key=lambda comparison: comparison.ratio or math.inf, default=None)
    own = next(
        (
            comparison
            for comparison in comparisons
            if (comparison.sweep, comparison.setting) == (row.sweep, row.setting)
        ),
        None,
    )
    baseline = next((comparison.baseline for comparison in comparisons if comparison.sweep == row.sweep), row.setting)
    return WorkloadAnswer(
        workload=row.workload,
        sweep=row.sweep,
        definition=row.definition,
        stays=row.stays,
        known=row.gain is not None,
        best=row.rival if row.stays else row.label,
        gain=row.rival_gain if row.stays else row.gain,
        low=row.rival_low if row.stays else row.low,
        high=row.rival_high if row.stays else row.high,
        words=row.words,
        error=own.error if own else None,
        call_s=_median(launches, row.setting, "median_s"),
        default_call_s=_median(launches, baseline, "median_s"),
        peak_rss_bytes=_median(launches, row.setting, "peak_rss_bytes"),
        default_peak_rss_bytes=_median(launches, baseline, "peak_rss_bytes"),
        tried=len(comparisons),
        faster=sum(comparison.verdict.is_better for comparison in comparisons),
        slower=len(slower),
        worst=worst.label if worst else "",
        worst_ratio=worst.ratio if worst else None,
        worst_low=worst.low if worst else None,
        worst_high=worst.high if worst else None,
        file=row.file,
        directory=row.directory,
    )


def _median(launches: pd.DataFrame, setting: str, column: str) -> float | None:
    if column not in launches:
        return None
    values = launches.loc[launches["setting"] == setting, column].dropna()
    return float(values.median()) if len(values) else None


def average(rows: Iterable[WorkloadAnswer]) -> Interval | None:
    """What following the recommendations gains over the defaults, which count as 1 where they stay."""
    known = [row for row in rows if row.known]
    if not known:
        return None
    return geometric_mean(
        Interval(row.gain, row.low, row.high)
        if not row.stays and row.gain and row.low and row.high
        else Interval(1.0, 1.0, 1.0)
        for row in known
    )


def sentences(rows: Sequence[WorkloadAnswer], code: Callable[[str], str] = str) -> list[str]:
    """The run's answer in words: what to set, what that gains, what the wrong choice costs; nothing if nobody asked.

    `code` marks what is typed, such as a setting.
    """
    known = [row for row in rows if row.known]
    if not known:
        return [f"This run cannot say which settings to use: {rows[0].words}."] if rows else []
    apart: dict[str, list[str]] = {}
    for row in known:
        if not row.stays:
            reduced = " (reduced precision)" if row.is_reduced else ""
            apart.setdefault(code(row.best) + reduced, []).append(row.workload)
    parts = (_to_set(known, apart), _gained(known, bool(apart)), _cost(rows, code))
    return [part for part in parts if part]


def _to_set(known: Sequence[WorkloadAnswer], apart: Mapping[str, Sequence[str]]) -> str:
    if not apart:
        none = f"no other setting is shown to gain {margin(MARGIN)}"
        return f"Keep the defaults: {none}{' on any workload' if len(known) > 1 else ''}."
    parts = [f"{setting} for {listed(workloads)}" for setting, workloads in apart.items()]
    stay = [row.workload for row in known if row.stays]
    return f"Set {'; '.join(parts)}{'; keep the defaults for ' + listed(stay) if stay else ''}."


def _gained(known: Sequence[WorkloadAnswer], gains: bool) -> str:
    mean = average(known)
    if not gains or mean is None:
        return ""
    span = interval(mean.low, mean.high)
    if len(known) == 1:
        return f"That gains {ratio(mean.ratio)} over the defaults (95 % interval {span})."
    return f"That gains {ratio(mean.ratio)} on average over {count(len(known), 'workload')} (95 % interval {span})."


def _cost(rows: Sequence[WorkloadAnswer], code: Callable[[str], str]) -> str:
    worst = min((row for row in rows if row.worst_ratio), key=lambda row: row.worst_ratio or math.inf, default=None)
    if worst is None or not worst.worst_ratio:
        return "No setting that was tried is slower for sure."
    lost = share(1 - worst.worst_ratio, 1)
    return f"The wrong setting costs up to {lost} of the speed: {worst.workload} with {code(worst.worst)}."


def listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
