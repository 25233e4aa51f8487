"""A search's first round goes on without what is clearly slower, and no other round does."""

from dataclasses import replace

import pytest

from containers.rounds.cycles import Cycle
from containers.rounds.racing import rule_of
from tests.made.records import cell
from workloads.vocabulary.plan import Adaptive, Cell
from workloads.vocabulary.protocol import Sliced
from workloads.vocabulary.record import Tick

QUIET, LOUD = Tick(0.01, 0.01, 0.0), Tick(0.05, 0.05, 0.0)
BASELINE, SLOW, FAST = "base", "slow", "fast"
SETTINGS = [BASELINE, SLOW, FAST]


def searched() -> Cell:
    searching = Adaptive("search", first=1, step=20, most=20, budget_s=300.0)
    made = cell()
    return replace(made, baseline=BASELINE, adaptive=searching, timing=replace(made.timing, cycles=12))


def turn(call_s: float, work: float = 1.0) -> Sliced:
    return Sliced(calls=10, wall_s=10 * call_s, typical_s=call_s, ramp_s=call_s, work=work)


def cycle(*turns: Sliced, tick: Tick = QUIET) -> Cycle:
    return Cycle((0.0, 1.0), tick, dict(enumerate(turns)), {})


ONE = cycle(turn(0.010), turn(0.013), turn(0.009))


def test_the_first_round_of_a_search_drops_what_is_slower() -> None:
    assert rule_of(searched(), 1, SETTINGS)([ONE] * 3) == {1}
    assert rule_of(searched(), 1, SETTINGS)([ONE] * 2) == set()


@pytest.mark.parametrize("number", [2, 3])
def test_no_other_round_drops_any(number: int) -> None:
    assert rule_of(searched(), number, SETTINGS)([ONE] * 3) == set()
    assert rule_of(replace(searched(), adaptive=None), 1, SETTINGS)([ONE] * 3) == set()


def test_cycles_in_which_the_machine_was_loud_say_nothing() -> None:
    loud = replace(ONE, tick=LOUD)
    assert rule_of(searched(), 1, SETTINGS)([ONE, ONE, ONE, ONE, loud]) == {1}
    assert rule_of(searched(), 1, SETTINGS)([ONE, ONE, loud]) == set()


def test_a_longer_call_that_does_more_work_is_not_slower() -> None:
    more = cycle(turn(0.010), turn(0.013, work=2.0), turn(0.009))
    assert rule_of(searched(), 1, SETTINGS)([more] * 3) == {2}


def test_launches_that_are_gone_have_no_part_in_it() -> None:
    two = Cycle((0.0, 1.0), QUIET, {launch: taken for launch, taken in ONE.turns.items() if launch != 2}, {})
    assert rule_of(searched(), 1, SETTINGS)([ONE, ONE, two]) == set()
