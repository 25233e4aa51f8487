"""When is a result reproduced? The rule, for comparisons and for claims, as pure functions of two runs.

A comparison, a setting held against its baseline in the original and again here, is

reproduced      if both runs give it the same verdict (faster, slower or equivalent), or if the two speed-ups are shown
                to lie within AGREEMENT of each other (two one-sided tests) and the verdicts do not contradict;
not reproduced  if the two speed-ups differ (Welch's test, adjusted over the sweep) and the verdicts contradict, or the
                second run's speed-up lies on the other side of 1 from what the original called faster or slower, or
                the second run decides what the original, with another speed-up, had not resolved;
undecided       otherwise, also where one run has no verdict: the reason says what was missing.

Verdicts contradict if both runs decide, and not alike. The size of an effect may differ between machines while its
direction is reproduced: the change of the speed-up, with its interval, stands beside each result.

A claim is reproduced if it is supported, or refuted, in both runs; not reproduced if supported in one and refuted in
the other; undecided otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated

from analysis.claims.config import Claims
from analysis.claims.judge import judge
from analysis.claims.verdict import ClaimVerdict
from analysis.comparisons import compare as stats
from analysis.comparisons.comparison import Comparison
from analysis.comparisons.metrics import METRICS
from analysis.comparisons.pairs import NotTestableError, UndecidedError, pairs_of
from analysis.comparisons.verdict import Verdict
from analysis.machines.likeness import unlike_cells
from analysis.machines.machine_run import Measured
from analysis.records.written import written_key, written_label
from analysis.statistics.holm import holm
from analysis.statistics.log_mean import ALPHA
from analysis.statistics.welch import welch
from analysis.tables.columns import SweepName, Told, WorkloadName
from workloads.vocabulary.metrics import MetricName
from workloads.vocabulary.plan import Cell, baseline_of
from workloads.vocabulary.record import Setting

# Nobody chooses a setting for less on another machine, and few rounds on a shared one show a narrower agreement.
AGREEMENT = 0.10

_Key = tuple[str, str, MetricName, frozenset[tuple[str, str]], frozenset[tuple[str, str]]]


class Result(StrEnum):
    """What a second run says of a result of the first."""

    REPRODUCED = "reproduced"
    NOT_REPRODUCED = "not reproduced"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Reproduction:
    """One comparison in two runs; one row of comparisons.csv of a reproduction."""

    sweep: SweepName
    workload: WorkloadName
    setting: Annotated[str, Told("the setting, as the config writes it")]
    baseline: Annotated[str, Told("its baseline, likewise")]
    metric: Annotated[MetricName, Told("what the two are compared by")]
    original_verdict: Annotated[Verdict, Told("of the original")]
    again_verdict: Annotated[Verdict | None, Told("of the run made again")]
    result: Annotated[Result, Told("reproduced, not reproduced or undecided")]
    reason: Annotated[str, Told("why it is undecided")]
    original: Annotated[float | None, Told("the original's ratio", "1")] = None
    original_low: Annotated[float | None, Told("lower bound of its 95 % interval", "1")] = None
    original_high: Annotated[float | None, Told("upper bound", "1")] = None
    again: Annotated[float | None, Told("the second run's ratio", "1")] = None
    again_low: Annotated[float | None, Told("lower bound of its 95 % interval", "1")] = None
    again_high: Annotated[float | None, Told("upper bound", "1")] = None
    change: Annotated[float | None, Told("the second ratio over the first", "1")] = None
    change_low: Annotated[float | None, Told("lower bound of its 95 % interval", "1")] = None
    change_high: Annotated[float | None, Told("upper bound", "1")] = None
    change_p: Annotated[float | None, Told("of Welch's test, two-sided, unadjusted", "1")] = None
    change_p_adjusted: Annotated[float | None, Told("after Holm's adjustment over the sweep", "1")] = None
    agreement_p: Annotated[float | None, Told("of two one-sided tests that the two are close, unadjusted", "1")] = None


@dataclass(frozen=True)
class ClaimReproduction:
    """One claim in two runs; one row of claims.csv of a reproduction."""

    id: Annotated[str, Told("the claim's name")]
    sentence: Annotated[str, Told("the claim, in our words")]
    original_verdict: Annotated[ClaimVerdict, Told("of the original")]
    again_verdict: Annotated[ClaimVerdict, Told("of the run made again")]
    result: Annotated[Result, Told("reproduced, not reproduced or undecided")]
    reason: Annotated[str, Told("why it is undecided")]
    original: Annotated[float | None, Told("the original's effect, on which its verdict hangs", "1")]
    again: Annotated[float | None, Told("the second run's", "1")]


def comparisons(original: Measured, again: Measured) -> list[Reproduction]:
    """Every comparison of the original, in its plan's order. Raises AnalysisError if two launches count as one."""
    second = {
        _key(again, comparison): comparison for comparison in stats.comparisons(again.plan, again.evidence.launches)
    }
    rows = [
        _compare(original, comparison, again, second.get(_key(original, comparison)))
        for comparison in stats.comparisons(original.plan, original.evidence.launches)
    ]
    reproductions: list[Reproduction] = []
    for sweep in dict.fromkeys(row.sweep for row in rows):
        of_sweep = [row for row in rows if row.sweep == sweep]
        adjusted = iter(holm([row.change_p for row in of_sweep if row.change_p is not None]))
        reproductions += [row if row.change_p is None else _judged(row, next(adjusted)) for row in of_sweep]
    return reproductions


def _key(measured: Measured, comparison: Comparison) -> _Key:
    cell, setting = _cell_and_setting(measured, comparison)
    return (
        comparison.sweep,
        comparison.workload,
        comparison.metric,
        written_key(setting),
        written_key(baseline_of(cell)),
    )


def _cell_and_setting(measured: Measured, comparison: Comparison) -> tuple[Cell, Setting]:
    cell = next(
        cell for cell in measured.plan.cells if (cell.sweep, cell.workload) == (comparison.sweep, comparison.workload)
    )
    return cell, next(setting for setting in cell.settings if setting.id == comparison.setting)


def _compare(original: Measured, comparison: Comparison, again: Measured, other: Comparison | None) -> Reproduction:
    cell, setting = _cell_and_setting(original, comparison)
    row = Reproduction(
        sweep=comparison.sweep,
        workload=comparison.workload,
        setting=written_label(setting),
        baseline=written_label(baseline_of(cell)),
        metric=comparison.metric,
        original_verdict=comparison.verdict,
        again_verdict=other.verdict if other else None,
        result=Result.UNDECIDED,
        reason="",
        original=comparison.ratio,
        original_low=comparison.low,
        original_high=comparison.high,
    )
    if other is None:
        return replace(row, reason="the second run has no such comparison of its own")
    other_cell, other_setting = _cell_and_setting(again, other)
    row = replace(row, again=other.ratio, again_low=other.low, again_high=other.high)
    if reason := unlike_cells(cell, other_cell):
        return replace(row, reason=reason)
    metric = METRICS[comparison.metric]
    try:
        first = pairs_of(original.evidence, cell, setting, baseline_of(cell), metric).mean
        second = pairs_of(again.evidence, other_cell, other_setting, baseline_of(other_cell), metric).mean
    except (NotTestableError, UndecidedError) as silence:
        return replace(row, reason=str(silence))
    change = welch(second, first)
    return replace(
        row,
        change=change.ratio,
        change_low=change.interval[0],
        change_high=change.interval[1],
        change_p=change.p_difference(),
        agreement_p=change.p_equivalence(AGREEMENT),
    )


def _judged(row: Reproduction, adjusted: float) -> Reproduction:
    """The row with its result; both runs could be tested."""
    agree = row.agreement_p is not None and row.agreement_p < ALPHA
    differ = adjusted < ALPHA
    crossed = (row.original or 1.0) > 1 > (row.again or 1.0) or (row.original or 1.0) < 1 < (row.again or 1.0)
    assert row.again_verdict is not None  # it has a p
    result = result_of(row.original_verdict, row.again_verdict, agree=agree, differ=differ, crossed=crossed)
    reason = "" if result != Result.UNDECIDED else _open(row, differ)
    return replace(row, result=result, reason=reason, change_p_adjusted=adjusted)


def result_of(original: Verdict, again: Verdict, *, agree: bool, differ: bool, crossed: bool) -> Result:
    """The rule of the module's docstring.

    `agree`: the two speed-ups are shown to be close; `differ`: they are shown to differ; `crossed`: they lie on two
    sides of 1.
    """
    contradict = original.is_decided and again.is_decided and original != again
    if (original.is_decided and original == again) or (agree and not contradict):
        return Result.REPRODUCED
    decided_now = original is Verdict.UNRESOLVED and again.is_decided
    if differ and (contradict or decided_now or (original.is_difference and crossed)):
        return Result.NOT_REPRODUCED
    return Result.UNDECIDED


def _open(row: Reproduction, differ: bool) -> str:
    if differ:
        return "the speed-ups differ, and one run does not tell on which side of the baseline it lies"
    return "the two intervals leave room for the same speed-up and for another"


def claims(original: Measured, again: Measured, file: Claims) -> list[ClaimReproduction]:
    """Every claim, judged by the same rules on the records of both runs. Raises AnalysisError."""
    reproductions = []
    for claim, other in zip(judge(file, original.evidence), judge(file, again.evidence), strict=True):
        result = claim_result(claim.verdict, other.verdict)
        # Where the original left it open there is nothing to reproduce, whatever the second run says.
        run, silent = ("the original", claim) if not claim.verdict.is_decided else ("the second run", other)
        told = f": {silent.reason}" if silent.reason else ""
        reason = f"{run}: {silent.verdict}{told}" if result == Result.UNDECIDED else ""
        reproductions.append(
            ClaimReproduction(
                id=claim.id,
                sentence=claim.sentence,
                original_verdict=claim.verdict,
                again_verdict=other.verdict,
                result=result,
                reason=reason,
                original=claim.effect,
                again=other.effect,
            )
        )
    return reproductions


def stated(comparisons: Sequence[Reproduction], claims: Sequence[ClaimReproduction]) -> list[Result]:
    """The results for what the original decided, and for what is not reproduced although it did not."""
    rows = [(reproduction.original_verdict.is_decided, reproduction.result) for reproduction in comparisons]
    rows += [(claim.original_verdict.is_decided, claim.result) for claim in claims]
    return [result for decided, result in rows if decided or result == Result.NOT_REPRODUCED]


def claim_result(original: ClaimVerdict, again: ClaimVerdict) -> Result:
    """The rule of the module's docstring, for a claim."""
    if not (original.is_decided and again.is_decided):
        return Result.UNDECIDED
    return Result.REPRODUCED if original == again else Result.NOT_REPRODUCED
