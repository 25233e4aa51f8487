"""One turn of a launch, and what each of several callers did in it. Standard library only.

A launch has several callers where it holds several instances of its workload, or where several threads of an instance
call it. They work side by side, so that their speeds add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


def together(seconds: Sequence[float], calls: Sequence[int]) -> float:
    """Seconds in which callers that make these calls in these times make all of them together.

    0 where a clock saw no time pass, as it would tell of one caller.
    """
    if min(seconds) <= 0:
        return 0.0
    if len(seconds) == 1:
        return seconds[0]
    return sum(calls) / sum(number / time for number, time in zip(calls, seconds, strict=True))


@dataclass(frozen=True)
class Share:
    """A caller's part of a slice, whose samples stand one caller after the other."""

    samples: int  # so many of the slice's are its own
    wall_s: float  # all its counted calls together
    cpu_s: float  # CPU time that they used; of threads of one process, an equal part of the process's


@dataclass(frozen=True)
class Slice:
    """One turn of a launch: timed calls without a pause. Seconds."""

    started_s: float  # since the launch was ready for its first turn
    ramp_s: float  # calls that do not count: before the others, to wake threads and fill caches; beside callers, too
    samples: list[float]  # seconds a call, one for each group of `calls_per_sample` calls, in order
    wall_s: float  # all counted calls together: calls over it are the calls a second
    cpu_s: float  # CPU time that the counted calls used
    idle_s: float  # how long the launch had waited for this turn
    idle_cpu_s: float | None  # CPU time that all of the launch used in that time; None: could not be seen
    throttled_s: float | None  # how long a CPU quota held the counted calls up
    shares: list[Share] = field(default_factory=list)  # of several callers, in the order of their samples

    @property
    def of_callers(self) -> list[list[float]]:
        """The samples of each caller, in order."""
        if not self.shares:
            return [self.samples]
        of_callers, start = [], 0
        for share in self.shares:
            of_callers.append(self.samples[start : start + share.samples])
            start += share.samples
        return of_callers


def side_by_side(parts: Sequence[Slice]) -> Slice:
    """What callers did at the same time, as one slice; of one caller its own."""
    if len(parts) == 1:
        return parts[0]
    first = parts[0]
    wall_s = together([part.wall_s for part in parts], [len(part.samples) for part in parts])
    throttled = [part.throttled_s for part in parts if part.throttled_s is not None]
    return Slice(
        started_s=min(part.started_s for part in parts),
        ramp_s=uncounted([(part.ramp_s, part.wall_s) for part in parts], wall_s),
        samples=[sample for part in parts for sample in part.samples],
        wall_s=wall_s,
        cpu_s=round(sum(part.cpu_s for part in parts), 6),
        # The supervisor's word about the whole launch, which all of them were told; a quota is the whole launch's, too.
        idle_s=first.idle_s,
        idle_cpu_s=first.idle_cpu_s,
        throttled_s=max(throttled, default=None),
        shares=[
            share for part in parts for share in part.shares or [Share(len(part.samples), part.wall_s, part.cpu_s)]
        ],
    )


def uncounted(times: Sequence[tuple[float, float]], wall_s: float) -> float:
    """What the slowest caller's slice took beside `wall_s`, given (uncounted, counted) of each."""
    return round(max(0.0, max(sum(both) for both in times) - wall_s), 6)
