"""A race inside a round: which launches of a block are clearly slower than another, and need no more cycles.

A rule on what the launches' slices gave so far, and on nothing else. Launch A drops out where some launch B is faster
for sure by typical calls, and no slower by work over time. Typical calls are the sharper measure on a loud machine;
work over time counts stalls, of which typical calls know nothing. Two launches of one setting differ for good by up to
two per cent (layout of memory, placement of threads), so that B must lead by more than that. The baseline stays,
because all are held against it, and so does the best of the others.

Whoever is left goes on in fresh launches: analysis.decisions.search.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

Launch = TypeVar("Launch")  # what identifies a launch

# Cycles before the first look, and from one to the next.
FIRST_LOOK, LOOK_EVERY = 3, 2

# Log-ratio by which two launches of one setting may differ for good.
ALLOWANCE = 0.02

# Standard errors; of 36 launches at five looks each, few are dropped by mistake.
_SURE = 3.5
# Launches that others are held against: the first of them may be fast by typical calls alone.
_RIVALS = 4

_MAD, _MEDIAN_ERROR = 1.4826, 1.2533  # of a normal law: sd over MAD, error of a median over that of a mean


@dataclass(frozen=True)
class Speed:
    """How fast a slice was, in work a second."""

    typical: float  # of its median sample
    work: float  # all counted calls over all their time


# A launch's slices, one a cycle; None where a cycle is set aside.
Course = Sequence[Speed | None]


def due(cycles: int, planned: int) -> bool:
    """Whether to look after so many cycles of those that are planned."""
    return FIRST_LOOK <= cycles < planned and (cycles - FIRST_LOOK) % LOOK_EVERY == 0


def dropped(courses: Mapping[Launch, Course], baseline: Launch) -> list[Launch]:
    """Which launches drop out, of those that are still in the race; all have seen the same cycles.

    Neither the baseline nor the best other launch is among them.
    """
    kept = [cycle for cycle in zip(*courses.values(), strict=True) if None not in cycle]
    if len(kept) < FIRST_LOOK or len(courses) < 3:
        return []
    typical = _against_median([[math.log(speed.typical) for speed in cycle if speed] for cycle in kept])
    work = _against_median([[math.log(speed.work) for speed in cycle if speed] for cycle in kept])
    middles = [median(logs) for logs in typical]
    # Few cycles say little of one launch's spread; what all of them show is the least that each has.
    spread = _MAD * median(abs(value - middle) for logs, middle in zip(typical, middles, strict=True) for value in logs)
    names = list(courses)
    fastest = sorted(range(len(names)), key=lambda row: -middles[row])
    best = next(row for row in fastest if names[row] != baseline)
    rivals = fastest[:_RIVALS]
    return [
        name
        for row, name in enumerate(names)
        if name != baseline
        and row != best
        and any(_beats(typical[rival], typical[row], work[rival], work[row], spread) for rival in rivals)
    ]


def _against_median(cycles: list[list[float]]) -> list[list[float]]:
    """Each launch's values (launches x cycles), less the median of the cycle that all share."""
    centred = [[value - median(cycle) for value in cycle] for cycle in cycles]
    return [list(launch) for launch in zip(*centred, strict=True)]


def _beats(
    typical: list[float], other_typical: list[float], work: list[float], other_work: list[float], spread: float
) -> bool:
    """Whether the first launch leads for sure by typical calls, and does not lag by work over time."""
    leads = [value - other for value, other in zip(typical, other_typical, strict=True)]
    lead = median(leads)
    own = _MAD * median(abs(value - lead) for value in leads)
    error = _MEDIAN_ERROR * max(own, math.sqrt(2) * spread) / math.sqrt(len(leads))
    return (
        lead - _SURE * error > ALLOWANCE
        and median(value - other for value, other in zip(work, other_work, strict=True)) >= 0
    )
