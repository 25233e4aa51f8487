"""The timing loop on a clock that only calls move."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from workloads.harness.timing import Laps, Timer
from workloads.vocabulary.record import Timing


@dataclass
class Simulated:
    """A call that takes the given seconds, one after another, the last one for ever; its output is its number."""

    durations: list[float]
    now: float = 100.0
    calls: int = 0
    settled: list[int] = field(default_factory=list)

    def call(self) -> int:
        """Take the next of the durations."""
        self.now += self.durations[min(self.calls, len(self.durations) - 1)]
        self.calls += 1
        return self.calls

    def settle(self) -> None:
        """Wait a quarter of a second for a device that runs behind."""
        self.settled.append(self.calls)
        self.now += 0.25

    def clock(self) -> float:
        """Seconds, from 100."""
        return self.now


def timer(simulated: Simulated, timing: Timing) -> Timer:
    return Timer(simulated.call, timing, clock=simulated.clock)


def timing(warmup_s: float = 0.5, slice_s: float = 1.0, min_sample_s: float = 0.005) -> Timing:
    return Timing(warmup_s, slice_s, 1, min_sample_s)


def test_warm_up_lasts_as_long_as_asked() -> None:
    simulated = Simulated([0.1])
    assert timer(simulated, timing(warmup_s=0.45)).warm_up() == pytest.approx([0.1] * 5)


def test_warm_up_calls_at_least_once() -> None:
    simulated = Simulated([0.1])
    assert len(timer(simulated, timing(warmup_s=0.0)).warm_up()) == 1


def test_warm_up_groups_short_calls_so_that_the_record_stays_short() -> None:
    simulated = Simulated([1e-5])
    warmup = timer(simulated, timing()).warm_up()
    assert len(warmup) <= 0.5 / 0.005 + 1
    assert warmup == pytest.approx([1e-5] * len(warmup))
    assert simulated.calls == pytest.approx(50_000, rel=0.02)


@pytest.mark.parametrize(
    ("warmup", "calls"),
    [
        ([0.1], 1),
        ([0.005], 1),
        ([0.004], 2),
        ([0.001], 5),
        ([0.5, 0.5, 0.001, 0.001, 0.001], 5),
        ([0.0], 1),
    ],
)
def test_a_sample_holds_as_many_calls_as_fill_its_least_time_by_the_median(warmup: list[float], calls: int) -> None:
    assert timer(Simulated([1.0]), timing()).calls_per_sample(warmup) == calls


def test_samples_are_taken_until_the_time_is_over() -> None:
    simulated = Simulated([0.1])
    counted = timer(simulated, timing(slice_s=0.95)).counted(1)
    assert counted.samples == pytest.approx([0.1] * 10)
    assert counted.wall_s == pytest.approx(1.0)


@pytest.mark.parametrize("slice_s", [0.0, 1.0])
def test_a_slice_holds_one_sample_at_least_however_long_it_takes(slice_s: float) -> None:
    counted = timer(Simulated([30.0]), timing(slice_s=slice_s)).counted(1)
    assert (counted.samples, counted.wall_s, counted.output) == ([30.0], 30.0, 1)


def test_what_a_slice_spends_between_its_samples_is_in_its_wall_time() -> None:
    """A collector, or a quota that stops the process there, is in no sample."""
    simulated = Simulated([0.1])

    def stalling() -> float:
        simulated.now += 0.05
        return simulated.now

    counted = Timer(simulated.call, timing(slice_s=0.5), clock=stalling).counted(1)
    assert counted.wall_s > sum(counted.samples) + 0.1


def test_a_sample_is_the_mean_of_its_calls() -> None:
    simulated = Simulated([1.0, 2.0, 6.0])
    assert timer(simulated, timing()).group(3) == (3.0, 3)


def test_warm_up_is_kept_apart_from_samples() -> None:
    """Slow first calls are in the warm-up alone, and the last output is the very last call's."""
    simulated = Simulated([5.0, 3.0, 0.1])
    subject = timer(simulated, timing(warmup_s=8.05, slice_s=0.35))
    assert subject.warm_up() == pytest.approx([5.0, 3.0, 0.1])
    counted = subject.counted(2)
    assert counted.samples == pytest.approx([0.1, 0.1])
    assert counted.output == simulated.calls == 7


def test_a_device_that_runs_behind_is_waited_for_inside_the_sample() -> None:
    simulated = Simulated([1.0])
    subject = Timer(simulated.call, timing(), simulated.settle, simulated.clock)
    assert subject.group(2) == (1.125, 2)
    assert simulated.settled == [2]


def test_times_keep_six_digits_whatever_their_size() -> None:
    assert timer(Simulated([1.23456789e-7]), timing()).group(1)[0] == pytest.approx(1.23457e-7, rel=0.2)
    assert len(str(timer(Simulated([1 / 3]), timing()).group(1)[0])) == len("0.333333")


@pytest.mark.parametrize(("at_least_s", "calls"), [(0.0, 2), (0.25, 2), (0.3, 4), (1.0, 8)])
def test_a_ramp_is_one_group_or_as_many_as_fill_its_time(at_least_s: float, calls: int) -> None:
    simulated = Simulated([0.125])
    assert timer(simulated, timing()).ramp(2, at_least_s) == pytest.approx(0.125 * calls)
    assert simulated.calls == calls


def test_laps_of_one_name_add_up() -> None:
    simulated = Simulated([1.0, 2.0, 4.0])
    laps = Laps(simulated.clock)
    for name in ("check_s", "warmup_s", "check_s"):
        simulated.call()
        laps.end(name)
    assert laps.seconds == {"check_s": 5.0, "warmup_s": 2.0}
