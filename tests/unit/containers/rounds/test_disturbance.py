"""When a launch is set aside, when it is made again, and how long a round waits: all by the canary's word."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from containers.rounds.disturbance import WINDOW, disturbed, trouble, usual
from containers.rounds.gate import MOST_PAUSES, PAUSE_S, wait_until_quiet
from containers.rounds.round import next_launch
from tests.made.records import MEASUREMENT, QUIET, cell, failed
from workloads.harness import canary
from workloads.vocabulary.inventory import CanaryReference
from workloads.vocabulary.record import Canary, Record

REFERENCE = CanaryReference("made-up", [QUIET] * WINDOW, taken_at="")
USUAL = usual(REFERENCE, [])
ONE_CPU = Canary(0.010, 0.0201, 2)
SLOW = Canary(0.0120, 0.0124, 2)


def test_what_is_usual_is_what_four_fifths_of_the_latest_launches_stay_below() -> None:
    assert (USUAL.one_s, USUAL.all_s, USUAL.cpus) == (QUIET.one_s, QUIET.all_s, 2)
    few = usual(REFERENCE, [SLOW] * (WINDOW // 6))
    assert (few.one_s, few.all_s) == (QUIET.one_s, QUIET.all_s)
    many = usual(REFERENCE, [SLOW] * (WINDOW // 3))
    assert (many.one_s, many.all_s) == (SLOW.one_s, SLOW.all_s)
    assert usual(REFERENCE, [SLOW] * WINDOW + [QUIET] * WINDOW) == USUAL, "only the latest count"


def test_canaries_on_fewer_cpus_say_nothing_of_what_is_usual_on_all() -> None:
    assert usual(REFERENCE, [Canary(0.5, 0.5, 1)] * WINDOW) == USUAL


@pytest.mark.parametrize("canary", [QUIET, Canary(0.0112, 0.0115, 2), Canary(0.0095, 0.0105, 2), Canary(0.01, 0.02, 1)])
def test_a_usual_machine_is_no_trouble(canary: Canary) -> None:
    assert trouble(canary, USUAL) is None


@pytest.mark.parametrize(
    ("canary", "says"),
    [
        (ONE_CPU, "2 CPUs together took 1.95 times as long"),
        (SLOW, "one CPU took 1.20 times as long"),
        (Canary(0.0120, 0.0120, 1), "one CPU took 1.20 times"),
    ],
)
def test_a_machine_that_gives_less_is_trouble(canary: Canary, says: str) -> None:
    assert says in str(trouble(canary, USUAL))


def test_a_machine_that_is_always_loud_is_measured_as_it_is() -> None:
    """Or nothing would be left of it."""
    loud = usual(REFERENCE, [ONE_CPU] * WINDOW)
    assert trouble(ONE_CPU, loud) is None


def test_one_canary_in_a_neighbours_moment_does_not_move_what_is_usual_by_all_that_it_lost() -> None:
    blinks = usual(REFERENCE, [QUIET, SLOW] * (WINDOW // 4))
    assert blinks.one_s == pytest.approx((QUIET.one_s + SLOW.one_s) / 2)


def test_a_launch_is_set_aside_for_its_canaries_together_and_for_nothing_else() -> None:
    slow_launch = replace(MEASUREMENT, samples=[9.0, 9.0])
    assert disturbed(slow_launch, USUAL, None) is None
    # A spell that holds on, and one that begins within the launch or ends there.
    assert "one CPU took 1.20" in str(
        disturbed(replace(MEASUREMENT, canary_before=SLOW, canary_after=SLOW), USUAL, None)
    )
    assert "2 CPUs together took 1.48" in str(disturbed(replace(MEASUREMENT, canary_before=ONE_CPU), USUAL, None))
    assert "2 CPUs together took 1.48" in str(disturbed(replace(MEASUREMENT, canary_after=ONE_CPU), USUAL, None))
    assert disturbed(replace(MEASUREMENT, canary_after=SLOW), USUAL, None) is None, "a moment of 20 %"
    assert disturbed(None, USUAL, None) is None
    loud = replace(MEASUREMENT, canary_before=SLOW, canary_after=SLOW)
    assert disturbed(loud, USUAL, 50) is None, "under a quota it shows the quota"


def records(*made: tuple[int, bool]) -> list[Record]:
    """Launches of settings, by their place in the cell, each disturbed or not."""
    return [replace(failed(cell(), 1, place), disturbed="it was loud" if loud else None) for place, loud in made]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([], (1, 1)),
        ([(1, False)], (2, 1)),
        ([(1, True)], (2, 1)),  # first every setting once
        ([(1, True), (2, False), (3, False)], (1, 2)),
        ([(1, True), (2, True), (3, False)], (1, 2)),
        ([(1, True), (2, True), (3, False), (1, False)], (2, 2)),
        ([(1, True), (2, False), (3, False), (1, True)], (1, 3)),
        ([(1, True), (2, False), (3, False), (1, True), (1, True)], None),  # at most twice again
        ([(1, False), (2, False), (3, False)], None),
    ],
)
def test_a_disturbed_setting_is_launched_again_at_the_rounds_end_at_most_twice(
    made: list[tuple[int, bool]], expected: tuple[int, int] | None
) -> None:
    settings = cell().settings
    due = next_launch(settings, records(*made))
    assert (None if due is None else (settings.index(due[0]) + 1, due[1])) == expected


def test_without_time_for_it_nothing_is_launched_again() -> None:
    settings = cell().settings
    assert next_launch(settings, records((1, True), (2, False)), again=False) == (settings[2], 1)
    assert next_launch(settings, records((1, True), (2, False), (3, False)), again=False) is None


def test_a_round_waits_until_the_machine_is_quiet_and_says_so() -> None:
    said: list[str] = []
    slept: list[float] = []
    seen = iter([ONE_CPU, ONE_CPU, QUIET])
    wait_until_quiet(USUAL, said.append, lambda: next(seen), slept.append)
    assert slept == [PAUSE_S, PAUSE_S]
    assert len(said) == 1
    assert "waiting up to 20 s" in said[0]


def test_a_round_does_not_wait_for_ever() -> None:
    slept: list[float] = []
    wait_until_quiet(USUAL, lambda _: None, lambda: ONE_CPU, slept.append)
    assert slept == [PAUSE_S] * MOST_PAUSES
    assert sum(slept) == 20.0


def test_the_canary_does_the_same_work_once_and_once_on_each_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []
    work = canary._work
    monkeypatch.setattr(canary, "_work", lambda iterations: (done.append(iterations), work(iterations))[1])
    taken = canary.take()
    cpus = len(os.sched_getaffinity(0))
    assert taken.cpus == cpus
    assert min(taken.one_s, taken.all_s) > 0
    assert done == [1] * cpus + [40_000] * 2 * (1 + cpus)


@pytest.mark.parametrize(("within_s", "pauses"), [(12.0, 2), (4.0, 0), (-3.0, 0), (1000.0, MOST_PAUSES)])
def test_a_round_waits_no_longer_than_the_run_has_time_for(within_s: float, pauses: int) -> None:
    said: list[str] = []
    slept: list[float] = []
    wait_until_quiet(USUAL, said.append, lambda: ONE_CPU, slept.append, within_s)
    assert slept == [PAUSE_S] * pauses
    assert len(said) == (pauses > 0)
