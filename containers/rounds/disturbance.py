"""Whether the machine was as it usually is: canaries held against the latest ones of the same machine. Pure.

The rule looks at canaries alone, never at what a launch measured. "Usual" moves with the machine: a shared one
can be slow for an hour, and setting all of that hour aside would leave nothing. So a launch is disturbed if its two
canaries, before and after, are on average slower than those of four fifths of the latest launches by a clear margin:
spells that take up less than a fifth of the time are caught, and what is more common than that is the machine's state,
which random order and pairing have to bear. On average, because a neighbour's moment that meets one canary of 30 ms
says little of the seconds between them; a spell that begins or ends within a launch is still seen.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from workloads.vocabulary.inventory import CanaryReference
from workloads.vocabulary.record import Canary, Measurement

# By how much a canary must be slower than usual. When quiet it repeats within 2 % (docs/method.md#the-canary).
SLOWER = 1.15

# So many canaries, two each of 30 launches or some minutes, say what is usual.
WINDOW = 60

_FIFTHS = 5


@dataclass(frozen=True)
class Usual:
    """What four fifths of the latest launches' canaries stayed below; times in seconds."""

    one_s: float  # on average before and after a launch
    all_s: float
    all_by_one: float  # all CPUs' time over one's, of single canaries: how much they are in each other's way
    cpus: int


def usual(reference: CanaryReference, latest: Sequence[Canary]) -> Usual:
    """What is usual by now: the latest canaries on all CPUs, oldest first, filled up with those of the reference.

    Two that follow each other, from the end on, are of one launch.
    """
    ours = [canary for canary in latest if canary.cpus == reference.cpus]
    canaries = [*reference.canaries, *ours][-WINDOW:]
    launches = [mean(before, after) for before, after in zip(canaries[-2::-2], canaries[-1::-2], strict=False)]
    return Usual(
        one_s=_fourth_fifth([launch.one_s for launch in launches]),
        all_s=_fourth_fifth([launch.all_s for launch in launches]),
        all_by_one=_fourth_fifth([canary.all_s / canary.one_s for canary in canaries]),
        cpus=reference.cpus,
    )


def _fourth_fifth(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=_FIFTHS, method="inclusive")[-1]


def mean(before: Canary, after: Canary) -> Canary:
    """Two canaries of a launch as one."""
    return Canary((before.one_s + after.one_s) / 2, (before.all_s + after.all_s) / 2, before.cpus)


def trouble(canary: Canary, usual: Usual) -> str | None:
    """What is unusual about the machine by a launch's mean canary, as a clause; None if nothing is.

    All CPUs together are only judged where the canary ran on as many as usual.
    """
    if canary.one_s > SLOWER * usual.one_s:
        return f"one CPU took {canary.one_s / usual.one_s:.2f} times as long as it usually does at most"
    if canary.cpus == usual.cpus and canary.all_s > SLOWER * usual.all_s:
        return f"{canary.cpus} CPUs together took {canary.all_s / usual.all_s:.2f} times as long as usually at most"
    return None


def canaries(measurement: Measurement | None, cpu_quota: int | None) -> list[Canary]:
    """A launch's canaries; none without a measurement, and none under a CPU quota, which they would show."""
    if measurement is None or cpu_quota is not None:
        return []
    return [measurement.canary_before, measurement.canary_after]


def disturbed(measurement: Measurement | None, usual: Usual, cpu_quota: int | None) -> str | None:
    """Why a launch is to be set aside, in one sentence; None if its canaries are as usual."""
    taken = canaries(measurement, cpu_quota)
    if not taken or (what := trouble(mean(*taken), usual)) is None:
        return None
    return f"beside the launch {what}"
