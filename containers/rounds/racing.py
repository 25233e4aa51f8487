"""Whom a block goes on without: the race's rule on the cycles so far, in the first round of a search."""

from collections.abc import Callable, Sequence

from containers.rounds import race
from containers.rounds.cycles import Cycle
from containers.rounds.kept_cycles import Seen, kept
from containers.rounds.race import Speed
from workloads.vocabulary.plan import Cell
from workloads.vocabulary.protocol import Sliced

Dropped = Callable[[Sequence[Cycle]], set[int]]


def rule_of(cell: Cell, number: int, settings: Sequence[str]) -> Dropped:
    """The rule for a block of these settings, in a round of that number: cycles so far -> launches that drop out."""
    if cell.adaptive is None or cell.adaptive.by != "search" or number > 1:
        return lambda cycles: set()

    def dropped(cycles: Sequence[Cycle]) -> set[int]:
        if not race.due(len(cycles), cell.timing.cycles):
            return set()
        counts = kept([Seen(cycle.tick) for cycle in cycles])
        courses = {
            settings[launch]: [
                _speed(cycle.turns[launch]) if counted else None for cycle, counted in zip(cycles, counts, strict=True)
            ]
            for launch in cycles[-1].turns
        }
        out = race.dropped(courses, cell.baseline)
        return {launch for launch in cycles[-1].turns if settings[launch] in out}

    return dropped


def _speed(turn: Sliced) -> Speed:
    return Speed(typical=turn.work / turn.typical_s, work=turn.work * turn.calls / turn.wall_s)
