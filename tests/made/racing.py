"""A simulated machine that carries out the rounds of a search, race and clock included. Nothing in it was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from analysis.decisions.rounds import Rounds
from analysis.decisions.search import decide
from analysis.statistics.stalls import round_ratios
from containers.rounds import race
from tests.made.turn_taking import HANDOVER_S, SLICE_S, Noise, take_turns
from workloads.vocabulary.plan import Adaptive, Decision

Floats = NDArray[np.float64]


@dataclass
class RacingMachine:
    """Measures settings of known speed; the first is the baseline. Its clock counts what a user waits for."""

    effects: Floats  # logarithms of speeds
    noise: Noise
    random: np.random.Generator
    start_s: float = 3.0
    at_once: int = 2  # launches that start at the same time
    most_up: int = 18  # launches that memory holds, the baseline of the block among them
    cycles: int = 12
    call_s: float = 0.01  # of the ramp
    end_s: float = 0.3
    own_stalls: dict[int, float] = field(default_factory=dict)  # share of a slice, by row
    asked: list[NDArray[np.bool_]] = field(default_factory=list)
    typical: list[Floats] = field(default_factory=list)  # of each round: settings x cycles, over the baseline's
    work: list[Floats] = field(default_factory=list)
    round_s: list[float] = field(default_factory=list)

    @property
    def rounds(self) -> Rounds:
        """What is on file."""
        typical, work = np.stack(self.typical, axis=1), np.stack(self.work, axis=1)
        ratios = np.array([round_ratios(*both).log_ratios for both in zip(typical, work, strict=True)])
        ids = [str(number) for number in range(len(self.effects))]
        asked = np.stack(self.asked, axis=1)
        dropped = asked & np.isnan(typical[..., -1])
        return Rounds(ids, 0, asked, dropped, ratios, np.array(self.round_s))

    def measure(self, settings: Sequence[int], number: int = 1) -> None:
        """So many rounds of these settings."""
        for _ in range(number):
            held = np.zeros(len(self.effects), dtype=bool)
            held[settings] = True
            typical = np.full((len(held), self.cycles), np.nan)
            work = typical.copy()
            others = [row for row in settings if row != 0]
            size = self.most_up - 1
            blocks = [[0, *others[first : first + size]] for first in range(0, len(others), size)]
            self.round_s.append(sum(self._block(block, typical, work) for block in blocks))
            self.asked.append(held)
            self.typical.append(typical)
            self.work.append(work)

    def _block(self, rows: list[int], typical: Floats, work: Floats) -> float:
        """Race the launches of a block; fills their rows, and returns what it took."""
        seconds = math.ceil(len(rows) / self.at_once) * self.start_s + self.end_s * len(rows)
        levels = self.effects + self.noise.layout_sd * self.random.normal(size=len(self.effects))
        within = replace(self.noise, layout_sd=0.0)
        seen: dict[int, list[race.Speed | None]] = {row: [] for row in rows}
        done = 0
        while done < self.cycles:
            coming = race.FIRST_LOOK if not done else min(race.LOOK_EVERY, self.cycles - done)
            up = list(seen)
            stalls = [self.own_stalls.get(row, 0.0) for row in up]
            slices = take_turns(self.random, 1, 1, coming, within, levels[up], stalls)
            for place, row in enumerate(up):
                typical[row, done : done + coming] = slices.typical[0, 0, place] - slices.typical[0, 0, 0]
                work[row, done : done + coming] = slices.work[0, 0, place] - slices.work[0, 0, 0]
                both = zip(np.exp(slices.typical[0, 0, place]), np.exp(slices.work[0, 0, place]), strict=True)
                seen[row] += [race.Speed(*speeds) for speeds in both]
            done += coming
            seconds += coming * len(up) * (SLICE_S + HANDOVER_S + self.call_s)
            if not self.asked and race.due(done, self.cycles):  # the first round alone is a race
                for name in race.dropped({str(row): course for row, course in seen.items()}, "0"):
                    del seen[int(name)]
        return seconds


def search(machine: RacingMachine, rule: Adaptive) -> list[Decision]:
    """Drive the real decisions to their end, measuring what they ask for; the first round is of all settings."""
    machine.measure(range(len(machine.effects)))
    made: list[Decision] = []
    while len(machine.asked) < rule.most:
        made.append(decide(machine.rounds, rule))
        if not made[-1].rounds:
            break
        machine.measure([int(name) for name in made[-1].settings], made[-1].rounds)
    return made
