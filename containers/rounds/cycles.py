"""The cycles of a block: in each, every launch has one slice, in an order drawn anew, and the canary ticks once."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Protocol

from containers.rounds.kept_cycles import Seen, further, kept
from containers.rounds.order import balanced
from containers.rounds.suspension import suspended_s
from workloads.vocabulary.protocol import Sliced, Ticked
from workloads.vocabulary.record import Tick, Turns

# (from, to), both by this machine's monotonic clock.
Span = tuple[float, float]


class TakesTurns(Protocol):
    """As much of a launch as its turns need."""

    def slice(self) -> Sliced | None:
        """One turn; None where it has ended instead."""


@dataclass(frozen=True)
class Cycle:
    """One turn of every launch of a block that is still there."""

    span: Span
    tick: Tick
    turns: dict[int, Sliced]  # launch, by its index in the block -> what it did, in the order of the turns
    handover_s: dict[int, float]  # from the order to the answer, less the calls


@dataclass
class Cycles:
    """The cycles of a block so far."""

    launches: Sequence[TakesTurns]
    tick: Callable[[], Ticked]
    seed: str
    pauses: Callable[[], list[Span]] = list  # when somebody paused a container of the block
    dropped: Callable[[Sequence[Cycle]], set[int]] = lambda cycles: set()  # whom a race goes on without
    made: list[Cycle] = field(default_factory=list)
    cpus: int = 0  # on which the canary ticks
    dropped_after: dict[int, int] = field(default_factory=dict)  # launch -> cycles
    _kept: list[bool] = field(default_factory=list)

    def run(self, planned: int) -> None:
        """Make so many cycles that count, or twice as many at most; fewer where no launch is left."""
        while number := further(self._kept, planned):
            for _ in range(number):
                if not self._cycle():
                    return
            paused = self.pauses()
            self._kept = kept([Seen(cycle.tick, _meets(cycle.span, paused)) for cycle in self.made])

    def turns(self, launch: int, block: int) -> Turns:
        """How a launch of the block took its turns."""
        its = [number for number, cycle in enumerate(self.made) if launch in cycle.turns]
        handovers = [self.made[number].handover_s[launch] for number in its]
        return Turns(
            block=block,
            places=[list(self.made[number].turns).index(launch) + 1 for number in its],
            kept=[self._kept[number] if number < len(self._kept) else True for number in its],
            ticks=[self.made[number].tick for number in its],
            cpus=self.cpus,
            dropped_after=self.dropped_after.get(launch),
            handover_s=round(median(handovers), 6) if handovers else None,
        )

    def _cycle(self) -> bool:
        """One more cycle; whether any launch took a turn in it."""
        left = [launch for launch in range(len(self.launches)) if launch not in self.dropped_after]
        order = balanced(left, self.seed, len(self.made))
        asleep, started = suspended_s(), time.monotonic()
        tick = self.tick()
        turns: dict[int, Sliced] = {}
        handovers: dict[int, float] = {}
        for launch in order:
            asked = time.monotonic()
            if (taken := self.launches[launch].slice()) is not None:
                turns[launch] = taken
                handovers[launch] = time.monotonic() - asked - taken.ramp_s - taken.wall_s
        if not turns:
            return False
        self.cpus = tick.cpus
        seen = Tick(tick.one_s, tick.all_s, round(max(0.0, suspended_s() - asleep), 6))
        self.made.append(Cycle((started, time.monotonic()), seen, turns, handovers))
        for launch in self.dropped(self.made) - self.dropped_after.keys():
            self.dropped_after[launch] = len(self.made)
        return True


def _meets(span: Span, others: Sequence[Span]) -> bool:
    return any(begin <= span[1] and span[0] <= end for begin, end in others)
