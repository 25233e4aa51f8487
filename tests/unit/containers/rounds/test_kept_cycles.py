"""Which cycles count: by ticks and clocks alone."""

import pytest

from containers.rounds.kept_cycles import SLOWER, Seen, further, kept
from workloads.vocabulary.record import Tick


def seen(one_s: float = 0.010, all_s: float = 0.010, suspended_s: float = 0.0, *, paused: bool = False) -> Seen:
    return Seen(Tick(one_s, all_s, suspended_s), paused)


@pytest.mark.parametrize(
    "odd",
    [
        seen(one_s=0.010 * SLOWER * 1.01),
        seen(all_s=0.010 * SLOWER * 1.01),
        seen(suspended_s=0.2),
        seen(paused=True),
    ],
    ids=["slow on one CPU", "slow on all", "suspended", "paused"],
)
def test_a_cycle_in_which_the_machine_gave_less_is_set_aside(odd: Seen) -> None:
    assert kept([seen(), seen(), odd, seen()]) == [True, True, False, True]


@pytest.mark.parametrize("near", [seen(one_s=0.0114), seen(all_s=0.0114), seen(suspended_s=0.01), seen(one_s=0.001)])
def test_a_cycle_that_is_a_little_slower_or_faster_counts(near: Seen) -> None:
    assert kept([seen(), near, seen()]) == [True, True, True]


def test_usual_is_what_most_cycles_of_the_block_show() -> None:
    """A machine that is slow for all of a block is as it is; half of the ticks are never above the median."""
    slow = [seen(one_s=0.1, all_s=0.2) for _ in range(3)]
    assert kept(slow) == [True] * 3
    assert kept([seen(), *slow]) == [True] * 4
    assert kept([seen(), seen(), *slow[:1]]) == [True, True, False]


def test_no_cycle_and_a_single_one() -> None:
    assert kept([]) == []
    assert kept([seen(one_s=1.0)]) == [True]
    assert kept([seen(paused=True)]) == [False]


@pytest.mark.parametrize(
    ("made", "number"),
    [
        ([], 4),
        ([True] * 4, 0),
        ([True, False, True, False], 2),
        ([False] * 4, 4),
        ([False] * 8, 0),
        ([True] * 3 + [False] * 4, 1),
        ([True] * 3 + [False] * 5, 0),
        ([True], 3),
    ],
)
def test_what_is_set_aside_is_made_again_at_most_as_often_as_was_planned(made: list[bool], number: int) -> None:
    assert further(made, planned=4) == number
