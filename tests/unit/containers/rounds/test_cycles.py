"""Cycles of made-up launches: order, ends in the middle, what is set aside, a race."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from containers.rounds.cycles import Cycle, Cycles
from workloads.vocabulary.protocol import Sliced, Ticked


@dataclass
class Launch:
    """A launch that takes so many turns, then is gone."""

    name: int
    log: list[int]
    most: int = 10**9

    def slice(self) -> Sliced | None:
        """Take a turn."""
        self.most -= 1
        if self.most < 0:
            return None
        self.log.append(self.name)
        return Sliced(calls=10, wall_s=0.0, typical_s=0.001, ramp_s=0.0)


@dataclass
class Machine:
    """Ticks of a quiet machine, but for the cycles that are said to be loud."""

    loud: set[int] = field(default_factory=set)
    ticks: Iterator[int] = field(default_factory=itertools.count)

    def tick(self) -> Ticked:
        """One tick."""
        return Ticked(0.02 if next(self.ticks) in self.loud else 0.01, 0.01, cpus=2)


def cycles(number: int = 3, machine: Machine | None = None, seed: str = "s", **changes: object) -> Cycles:
    log: list[int] = []
    launches = [Launch(name, log) for name in range(number)]
    return Cycles(launches, (machine or Machine()).tick, seed, **changes)  # type: ignore[arg-type]


def orders(made: Cycles) -> list[list[int]]:
    return [list(cycle.turns) for cycle in made.made]


def test_every_launch_has_one_turn_a_cycle_in_an_order_drawn_anew() -> None:
    block = cycles(4)
    block.run(30)
    assert len(block.made) == 30
    assert all(sorted(order) == [0, 1, 2, 3] for order in orders(block))
    places = [block.turns(launch, 1).places for launch in range(4)]
    assert all(set(of_launch) == {1, 2, 3, 4} for of_launch in places)
    assert places[2] == [order.index(2) + 1 for order in orders(block)]


def test_the_seed_decides_the_orders() -> None:
    same, again, other = cycles(5), cycles(5), cycles(5, seed="another")
    for block in (same, again, other):
        block.run(5)
    assert orders(same) == orders(again)
    assert orders(same) != orders(other)


def test_loud_cycles_are_set_aside_and_replaced() -> None:
    block = cycles(2, Machine(loud={1, 4}))
    block.run(4)
    turns = block.turns(0, block=7)
    assert turns.kept == [True, False, True, True, False, True]
    assert (turns.block, turns.cpus, len(turns.ticks), len(turns.places)) == (7, 2, 6, 6)


def test_a_machine_that_is_loud_without_end_is_not_waited_for() -> None:
    block = cycles(2, Machine(loud=set(range(1, 100, 2))))
    block.run(4)
    assert len(block.made) <= 8


def test_a_launch_that_ends_in_the_middle_leaves_the_others_their_turns() -> None:
    block = cycles(3)
    block.launches[1].most = 2  # type: ignore[attr-defined]
    block.run(5)
    assert [len(block.turns(launch, 1).places) for launch in range(3)] == [5, 2, 5]
    assert block.turns(1, 1).kept == [True, True]
    assert all(place <= 2 for place in block.turns(0, 1).places[2:])


def test_a_block_of_which_nothing_is_left_ends() -> None:
    block = cycles(2)
    for launch in block.launches:
        launch.most = 2  # type: ignore[attr-defined]
    block.run(50)
    assert len(block.made) == 2
    nothing = cycles(1)
    nothing.launches[0].most = 0  # type: ignore[attr-defined]
    nothing.run(50)
    turns = nothing.turns(0, 1)
    assert (turns.places, turns.kept, turns.ticks, turns.handover_s) == ([], [], [], None)


def test_whom_a_race_drops_has_no_further_turns() -> None:
    def second_after_two(made: list[Cycle]) -> set[int]:
        return {1} if len(made) >= 2 else set()

    block = cycles(3, dropped=second_after_two)
    block.run(6)
    assert [len(block.turns(launch, 1).places) for launch in range(3)] == [6, 2, 6]
    assert [block.turns(launch, 1).dropped_after for launch in range(3)] == [None, 2, None]


def test_a_pause_sets_the_cycles_aside_that_it_met() -> None:
    spans: list[tuple[float, float]] = []
    block = cycles(2, pauses=lambda: spans)
    original = block.launches[0].slice

    def pausing() -> Sliced | None:
        if len(block.made) == 1 and not spans:
            start = block.made[0].span[1]
            spans.append((start, start + 1e-9))
        return original()

    block.launches[0].slice = pausing  # type: ignore[method-assign]
    block.run(3)
    assert not all(block.turns(1, 1).kept)
    assert sum(block.turns(1, 1).kept) >= 3 or len(block.made) == 6
