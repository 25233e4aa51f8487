"""How calls are timed: one by one, then in groups that are long against the clock, warm-up kept apart.

Seconds throughout. The clock is passed in, so that the loop can be tested on made-up times.
"""

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workloads.vocabulary.record import Timing

_DIGITS = 6  # significant: a millionth is far below any noise, and longer records say no more


class Laps:
    """A stopwatch that names its laps; a name that comes again adds to what it has."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._last = clock()
        self.seconds: dict[str, float] = {}

    def end(self, name: str) -> None:
        """A lap ends here."""
        before, self._last = self._last, self._clock()
        self.seconds[name] = round(self.seconds.get(name, 0.0) + self._last - before, 6)


@dataclass(frozen=True)
class Counted:
    """The calls of a slice that count."""

    samples: list[float]  # seconds of one call, in order
    wall_s: float  # all of them together
    output: Any  # of the very last call


@dataclass(frozen=True)
class Timer:
    """Times one call over and over."""

    call: Callable[[], Any]
    timing: Timing
    settle: Callable[[], None] = lambda: None  # returns once the devices have done all that was asked of them
    clock: Callable[[], float] = time.perf_counter

    def group(self, calls: int) -> tuple[float, Any]:
        """Time `calls` calls together: the seconds of one, and the last one's output."""
        output = None
        start = self.clock()
        for _ in range(calls):
            output = self.call()
        self.settle()
        return _rounded((self.clock() - start) / calls), output

    def warm_up(self) -> list[float]:
        """Call for ``warmup_s``, at least once; seconds of one call, in order.

        Short calls are grouped here too, on what is known of them so far, to keep the record short.
        """
        end = self.clock() + self.timing.warmup_s
        seconds = [self.group(1)[0]]
        while self.clock() < end:
            seconds.append(self.group(self.calls_per_sample(seconds))[0])
        return seconds

    def calls_per_sample(self, warmup: list[float]) -> int:
        """How many calls take about ``min_sample_s``, going by the median of the warm-up."""
        typical = statistics.median(warmup)
        # A clock that saw no time pass says nothing: one call, rather than endlessly many.
        return max(1, math.ceil(self.timing.min_sample_s / typical)) if typical > 0 else 1

    def ramp(self, calls: int, at_least_s: float) -> float:
        """Call without counting, for that long and in groups of `calls`, one at least; gives the seconds it took."""
        start = self.clock()
        self.group(calls)
        while self.clock() - start < at_least_s:
            self.group(calls)
        return _rounded(self.clock() - start)

    def until(self, enough: Callable[[], bool], calls: int, output: Any = None) -> tuple[float, Any]:
        """Call without counting, in groups of `calls`, until it is enough, which it may be at once.

        Gives the seconds, and the last call's output; `output` where there was none.
        """
        start = self.clock()
        while not enough():
            _, output = self.group(calls)
        return _rounded(self.clock() - start), output

    def counted(self, calls: int) -> Counted:
        """Take samples of `calls` calls until ``slice_s`` have passed; one at least, however long it takes."""
        start = self.clock()
        seconds: list[float] = []
        while not seconds or self.clock() - start < self.timing.slice_s:
            sample, output = self.group(calls)
            seconds.append(sample)
        return Counted(seconds, _rounded(self.clock() - start), output)


def _rounded(seconds: float) -> float:
    return float(f"{seconds:.{_DIGITS}g}")
