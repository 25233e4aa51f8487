"""What the comparisons come to, in sentences computed from their numbers."""

from __future__ import annotations

import math
from collections import Counter

from analysis.comparison import EQUIVALENT, FASTER, SLOWER, UNRESOLVED, Comparison
from analysis.markdown import code
from analysis.wording import count, difference, interval, ratio

_MEANS_DISAGREE = math.log(1.05)


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
