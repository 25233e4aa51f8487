"""What the comparisons come to, in sentences computed from their numbers."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from analysis.comparison import EQUIVALENT, FASTER, SLOWER, UNRESOLVED, Comparison
from analysis.markdown import code
from analysis.wording import count, difference, interval, ratio
from workloads.plan import Cell, Plan

_MEANS_DISAGREE = math.log(1.05)


@dataclass(frozen=True)
class Best:
    """The first table's row for one cell."""

    sweep: str
    workload: str
    setting: str  # Markdown
    speedup: str
    interval: str
    rounds: str
    words: str


def best_settings(plan: Plan, comparisons: list[Comparison]) -> list[Best]:
    """For each cell the setting with the largest speed-up, if it is resolved as faster; else the baseline."""
    return [_best(cell, [one for one in comparisons if _of(one, cell)]) for cell in plan.cells]


def _of(one: Comparison, cell: Cell) -> bool:
    return (one.sweep, one.workload) == (cell.sweep, cell.workload)


def _best(cell: Cell, comparisons: list[Comparison]) -> Best:
    baseline = next(setting.label for setting in cell.settings if setting.id == cell.baseline)
    faster = [one for one in comparisons if one.verdict == FASTER]
    if faster:
        best = max(faster, key=lambda one: one.speedup or 0.0)
        numbers = (ratio(best.speedup), interval(best.low, best.high), _rounds(best))
        return Best(cell.sweep, cell.workload, code(best.label), *numbers, f"faster than {code(baseline)}")
    estimated = [one for one in comparisons if one.speedup is not None]
    if not estimated:
        reasons = ", ".join(sorted({one.verdict for one in comparisons})) or "nothing to compare with"
        return Best(cell.sweep, cell.workload, "not known", *(ratio(None), interval(None, None), ratio(None)), reasons)
    closest = max(estimated, key=lambda one: one.speedup or 0.0)
    numbers = (ratio(1.0), interval(None, None), _rounds(closest))
    words = _why_baseline(closest, {one.verdict for one in comparisons})
    return Best(cell.sweep, cell.workload, f"{code(baseline)} (the baseline)", *numbers, words)


def _why_baseline(closest: Comparison, verdicts: set[str]) -> str:
    named = f"{code(closest.label)} at {ratio(closest.speedup)}"
    if verdicts == {SLOWER}:
        return f"every other setting is slower; the closest is {named}"
    return f"no setting is resolved as faster; the nearest is {named} ({closest.verdict})"


def _rounds(one: Comparison) -> str:
    return f"{one.pairs} of {one.rounds}"


def sweep_finding(comparisons: list[Comparison]) -> str:
    """Two sentences on the comparisons of one sweep."""
    if not comparisons:
        return "The sweep has no setting beside its baseline, so there is nothing to compare."
    verdicts = Counter(one.verdict for one in comparisons)
    counted = ", ".join(f"{number} {verdict}" for verdict, number in verdicts.most_common())
    return f"{count(len(comparisons), 'comparison')} with the baseline: {counted}. {_extremes(comparisons)}"


def _extremes(comparisons: list[Comparison]) -> str:
    faster = [one for one in comparisons if one.verdict == FASTER]
    slower = [one for one in comparisons if one.verdict == SLOWER]
    parts = []
    if faster:
        parts.append(f"the largest gain is {_told(max(faster, key=lambda one: one.speedup or 0.0))}")
    if slower:
        parts.append(f"the largest loss is {_told(min(slower, key=lambda one: one.speedup or math.inf))}")
    if parts:
        return _sentence("; ".join(parts))
    unresolved = [one.resolvable for one in comparisons if one.verdict == UNRESOLVED and one.resolvable is not None]
    equivalent = [one.margin for one in comparisons if one.verdict == EQUIVALENT and one.margin is not None]
    if equivalent and not unresolved:
        return f"All are the same as the baseline within {difference(1 + max(equivalent))}."
    if unresolved:
        return f"These rounds would have shown, 4 times in 5, a difference of {difference(max(unresolved))} anywhere."
    return "Nothing here could be tested: a verdict takes at least two rounds in which both launches went well."


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _told(one: Comparison) -> str:
    span = interval(one.low, one.high)
    return f"{ratio(one.speedup)} (95 % interval {span}), {one.workload} with {code(one.label)}"


def means_disagree(comparisons: list[Comparison]) -> list[Comparison]:
    """Comparisons whose speed-up is another by more than 5 % if launches are summed up by means, not medians."""
    return [
        one
        for one in comparisons
        if one.speedup and one.speedup_of_means and abs(math.log(one.speedup_of_means / one.speedup)) > _MEANS_DISAGREE
    ]
