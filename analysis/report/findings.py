"""What the comparisons come to, in sentences computed from their numbers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection

from analysis.comparisons.comparison import Comparison
from analysis.comparisons.verdict import Verdict
from analysis.margin import MARGIN
from analysis.report.markdown import code
from analysis.wording import difference, interval, margin, ratio


def sweep_finding(comparisons: list[Comparison], controls: Collection[tuple[str, str]] = ()) -> str:
    """What a sweep shows and what it leaves open: a sentence each, and one more for a sweep of negative controls.

    `controls` are the (definition, setting) in which nothing that differs does anything, by the audit.
    """
    if not comparisons:
        return "The sweep has no setting beside its baseline, so there is nothing to compare."
    sentences = [_effects(comparisons), _left_open(comparisons)]
    if all((comparison.definition, comparison.setting) in controls for comparison in comparisons):
        sentences.append("By the audit nothing here reads what differs, so any difference would be a false one.")
    return " ".join(sentences)


def _effects(comparisons: list[Comparison]) -> str:
    if len(comparisons) == 1:
        (comparison,) = comparisons
        shown = (
            f"is {comparison.verdict}: {_told(comparison)}"
            if comparison.verdict.is_difference
            else "shows no difference"
        )
        return f"The one comparison with the baseline {shown}."
    faster = [comparison for comparison in comparisons if comparison.verdict.is_better]
    slower = [comparison for comparison in comparisons if comparison.verdict.is_worse]
    of = f"Of {len(comparisons)} comparisons with the baseline"
    if not faster and not slower:
        return f"{of}, none shows a difference."
    counted = [
        f"{len(alike)} {'is' if len(alike) == 1 else 'are'} {alike[0].verdict}" for alike in (faster, slower) if alike
    ]
    told = []
    if faster:
        told.append(f"the largest gain is {_told(max(faster, key=lambda comparison: comparison.ratio or 0.0))}")
    if slower:
        told.append(f"the largest loss is {_told(min(slower, key=lambda comparison: comparison.ratio or math.inf))}")
    return f"{of}, {' and '.join(counted)}; {'; '.join(told)}."


def _left_open(comparisons: list[Comparison]) -> str:
    verdicts = Counter(comparison.verdict for comparison in comparisons)
    alone = len(comparisons) == 1
    parts = []
    if equivalent := [comparison.margin for comparison in comparisons if comparison.verdict == Verdict.EQUIVALENT]:
        same = "is the same as the baseline" if len(equivalent) == 1 else "are the same as the baseline"
        parts.append(f"{_subject(len(equivalent), alone)} {same} within {margin(equivalent[0])}")
    if unresolved := [
        comparison.resolvable
        for comparison in comparisons
        if comparison.verdict == Verdict.UNRESOLVED and comparison.resolvable
    ]:
        of = "" if alone else f"for {len(unresolved)} "
        parts.append(f"{of}we can only say that any difference is below {_range(unresolved)}")
    for verdict, number in verdicts.items():
        if not verdict.is_tested:
            parts.append(f"{_subject(number, alone)} could not be tested ({verdict.why})")
    said = "; ".join(parts)
    return f"{said[0].upper()}{said[1:]}." if parts else "Nothing is left open."


def _subject(number: int, alone: bool) -> str:
    return "It" if alone else str(number)


def _range(resolvable: list[float]) -> str:
    low, high = difference(min(resolvable)), difference(max(resolvable))
    return low if low == high else f"{low} (the smallest limit) to {high} (the largest)"


def _told(comparison: Comparison) -> str:
    span = interval(comparison.low, comparison.high)
    return f"{ratio(comparison.ratio)} (95 % interval {span}), {comparison.workload} with {code(comparison.label)}"


def stalling(comparisons: list[Comparison]) -> list[Comparison]:
    """Comparisons by work over time in which stalls make a difference that matters."""
    return [
        comparison
        for comparison in comparisons
        if comparison.by_work and comparison.stalls and abs(math.log(comparison.stalls)) > math.log1p(MARGIN)
    ]
