"""The columns of slices.parquet and samples.parquet: what each means, and how a slice gives it."""

from statistics import harmonic_mean
from typing import NamedTuple

from analysis.tables.columns import Column, Type
from workloads.vocabulary.record import Tick
from workloads.vocabulary.slice import Slice

TEXT, INTEGER, NUMBER, BOOLEAN = Type.TEXT, Type.INTEGER, Type.NUMBER, Type.BOOLEAN


class TimedSlice(NamedTuple):
    """A slice as a row is made from it. There are a dozen for each launch, so that it has to be made in no time."""

    cycle: int  # from 1
    place: int | None  # in the cycle, from 1
    kept: bool
    slice: Slice
    calls_per_sample: int
    tick: Tick | None  # of the canary in this cycle

    @property
    def calls(self) -> int:
        """Calls that were counted."""
        return len(self.slice.samples) * self.calls_per_sample

    @property
    def work_s(self) -> float:
        """Time of a call, over all counted calls. Callers make theirs at the same time."""
        return max(1, len(self.slice.shares)) * self.slice.wall_s / self.calls

    @property
    def median_s(self) -> float:
        """Median time of a call; of callers the mean of their medians, each call counted alike."""
        if not self.slice.shares:
            return _median(self.slice.samples)
        return harmonic_mean([_median(samples) for samples in self.slice.of_callers])


def _median(samples: list[float]) -> float:
    """By hand, because the standard library's takes as long as all else of a row."""
    ascending = sorted(samples)
    middle = len(ascending) // 2
    return ascending[middle] if len(ascending) % 2 else (ascending[middle - 1] + ascending[middle]) / 2


SLICE_COLUMNS: tuple[Column[TimedSlice], ...] = (
    Column("id", TEXT, "", "the record's id, as in launches"),
    Column("cycle", INTEGER, "1", "from 1; in a cycle every launch of a block has one slice", lambda s: s.cycle),
    Column("place", INTEGER, "1", "the launch's place in the cycle, from 1", lambda s: s.place),
    Column("kept", BOOLEAN, "", "false: the canary's rule set the cycle aside", lambda s: s.kept),
    Column("calls", INTEGER, "1", "calls that were counted", lambda s: s.calls),
    Column("work_s", NUMBER, "s", "time of all counted calls over their number", lambda s: s.work_s),
    Column("median_s", NUMBER, "s", "median time of a call", lambda s: s.median_s),
    Column("ramp_s", NUMBER, "s", "the call before the counted ones", lambda s: s.slice.ramp_s),
    Column("started_s", NUMBER, "s", "since the launch was ready for its first slice", lambda s: s.slice.started_s),
    Column("cpu_s", NUMBER, "s", "CPU time of the counted calls", lambda s: s.slice.cpu_s),
    Column("idle_s", NUMBER, "s", "how long the launch had waited for this slice", lambda s: s.slice.idle_s),
    Column("idle_cpu_s", NUMBER, "s", "CPU time that it used in that time", lambda s: s.slice.idle_cpu_s),
    Column("throttled_s", NUMBER, "s", "how long a CPU quota held the counted calls up", lambda s: s.slice.throttled_s),
    Column("tick_one_s", NUMBER, "s", "the canary's tick on one CPU", lambda s: s.tick.one_s if s.tick else None),
    Column("tick_all_s", NUMBER, "s", "the same on each CPU at once", lambda s: s.tick.all_s if s.tick else None),
    Column(
        "suspended_s",
        NUMBER,
        "s",
        "how long the machine was suspended in the cycle",
        lambda s: s.tick.suspended_s if s.tick else None,
    ),
)

SAMPLE_COLUMNS: tuple[Column[TimedSlice], ...] = (
    Column("id", TEXT, "", "the record's id, as in launches"),
    Column("index", INTEGER, "1", "from 0, in order, warm-up included"),
    Column("seconds", NUMBER, "s", "time of a call"),
    Column("warmup", BOOLEAN, "", "whether it was taken before the timed samples"),
)
