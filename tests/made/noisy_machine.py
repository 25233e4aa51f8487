"""Many simulated experiments on a machine that drifts and has spells of half speed. Nothing in them was measured.

Each experiment is a cell of two settings. Launches follow one another in time, so that a spell hits neighbours, the
canary's two moments see it or not, and a launch that was disturbed is made again at the end of its round, as
containers.rounds.round does it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tests.made.known_truth import Truth, plan_of
from workloads.vocabulary.plan import Plan

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SETTINGS, ATTEMPTS = 2, 3

# A launch of the default config, in seconds from its start.
_CANARY_BEFORE, _TIMED, _TIMED_S, _CANARY_AFTER, _LAUNCH_S = 0.4, 3.0, 1.0, 4.2, 4.5
# Samples of a spell take twice as long, so that they are half of all once it lasts two thirds of the timed section.
_SLOW_MEDIAN = 2 / 3 * _TIMED_S


@dataclass(frozen=True)
class Noise:
    """What disturbs a launch's median; standard deviations of log time, times in seconds.

    docs/method.md#noise-of-a-shared-machine: two identical settings differed by 2.7 % from round to round (sd of the
    log-ratio). That is `launch_sd` of 1.9 % in each of two launches. The rest comes on top of it.
    """

    launch_sd: float = 0.019
    drift_sd: float = 0.03  # AR(1): it forgets itself over `drift_s`
    drift_s: float = 120.0
    spell_s: float = 20.0  # mean length of a spell; it halves the speed
    quiet_s: float = 900.0  # mean time between two
    between_rounds_s: float = 60.0  # other cells' launches


@dataclass(frozen=True)
class Experiments:
    """Launches as arrays (experiments x rounds x settings x attempts)."""

    log_times: Floats  # NaN where there was no such attempt
    set_aside: Flags

    @property
    def log_ratios(self) -> Floats:
        """Log speed of the second setting over the first (experiments x rounds); NaN where one does not count."""
        counts = ~np.isnan(self.log_times) & ~self.set_aside
        times = np.where(counts, self.log_times, 0.0).sum(axis=3)
        times[~counts.any(axis=3)] = np.nan
        ratios: Floats = times[:, :, 0] - times[:, :, 1]
        return ratios


class _Clock:
    """The machine of each experiment: time of day, drift, spells."""

    def __init__(self, experiments: int, horizon_s: float, noise: Noise, random: np.random.Generator) -> None:
        self._noise, self._random = noise, random
        self._now = np.zeros(experiments)
        self._drift = random.normal(0, noise.drift_sd, experiments)
        most = int(4 * horizon_s / noise.quiet_s) + 8
        lengths = random.exponential([noise.quiet_s, noise.spell_s], (experiments, most, 2)).reshape(experiments, -1)
        edges = lengths.cumsum(axis=1)
        self._starts, self._ends = edges[:, 0::2], edges[:, 1::2]

    def wait(self, seconds: float) -> None:
        self._pass(np.full(len(self._now), seconds))

    def launch(self, made: Flags) -> tuple[Floats, Flags]:
        """Log time of a launch's median beside its setting's, and whether the canary saw a spell; where it is made."""
        start = self._now[:, np.newaxis]
        slow_s = np.clip(
            np.minimum(self._ends, start + _TIMED + _TIMED_S) - np.maximum(self._starts, start + _TIMED), 0, None
        ).sum(axis=1)
        seen = np.zeros(len(made), dtype=bool)
        for moment in (_CANARY_BEFORE, _CANARY_AFTER):
            seen |= ((self._starts <= start + moment) & (start + moment < self._ends)).any(axis=1)
        log_time = self._drift + self._random.normal(0, self._noise.launch_sd, len(made))
        log_time += np.where(slow_s > _SLOW_MEDIAN, np.log(2), 0.0)
        self._pass(np.where(made, _LAUNCH_S, 0.0))
        return np.where(made, log_time, np.nan), made & seen

    def _pass(self, seconds: Floats) -> None:
        self._now += seconds
        kept = np.exp(-seconds / self._noise.drift_s)
        fresh = self._random.normal(0, self._noise.drift_sd, len(seconds))
        self._drift = kept * self._drift + np.sqrt(1 - kept**2) * fresh


def simulate(speedups: Floats, rounds: int, noise: Noise, seed: int) -> Experiments:
    """One experiment for each of `speedups`, the true ratio of the second setting's speed to the first one's."""
    random, experiments = np.random.default_rng(seed), len(speedups)
    horizon_s = rounds * (SETTINGS * ATTEMPTS * _LAUNCH_S + noise.between_rounds_s)
    clock = _Clock(experiments, horizon_s, noise, random)
    shape = (experiments, rounds, SETTINGS, ATTEMPTS)
    result = Experiments(np.full(shape, np.nan), np.zeros(shape, dtype=bool))
    for number in range(rounds):
        first = random.integers(0, SETTINGS, experiments)
        wanted = np.ones((experiments, SETTINGS), dtype=bool)
        for attempt in range(ATTEMPTS):
            for place in range(SETTINGS):
                setting = (first + place) % SETTINGS
                at = (np.arange(experiments), number, setting, attempt)
                made = wanted[np.arange(experiments), setting]
                log_time, disturbed = clock.launch(made)
                result.log_times[at] = log_time - np.where(setting == 1, np.log(speedups), 0.0)
                result.set_aside[at] = disturbed
                wanted[np.arange(experiments), setting] = disturbed
        clock.wait(noise.between_rounds_s)
    return result


def as_tables(experiments: Experiments, rounds: NDArray[np.int64]) -> tuple[Plan, pd.DataFrame]:
    """A plan of one sweep for each experiment, and the launches of the first `rounds[i]` rounds of experiment i."""
    settings = [({"env:SIDE": side}, 1.0) for side in "ab"]
    truths = [Truth(f"s{entry}", "w", settings, rounds=int(number)) for entry, number in enumerate(rounds)]
    plan = plan_of(truths)
    measured = np.arange(experiments.log_times.shape[1])[np.newaxis, :] < rounds[:, np.newaxis]
    made = ~np.isnan(experiments.log_times) & measured[:, :, np.newaxis, np.newaxis]
    experiment, number, setting, attempt = np.nonzero(made)
    seconds, position = np.exp(experiments.log_times[made]), attempt * SETTINGS + setting + 1
    launches = pd.DataFrame(
        {
            "id": [f"{item}/{two}/{three}" for item, two, three in zip(experiment, number + 1, position, strict=True)],
            "sweep": np.array([cell.sweep for cell in plan.cells], dtype=object)[experiment],
            "workload": "w",
            "definition": np.array([cell.definition for cell in plan.cells], dtype=object)[experiment],
            "setting": np.array([each.id for each in plan.cells[0].settings], dtype=object)[setting],
            "round": number + 1,
            "position": position,
            "status": "ok",
            "set_aside": experiments.set_aside[made],
            "throughput": 1 / seconds,
            "work_amount": 1.0,
            "work_unit": "FLOP",
            "metric": "throughput",
            "call_s": seconds,
            "median_s": seconds,
            "mean_s": seconds,
            "steadiness": "flat",
            "check_error": 0.0,
            "image": "cpu",
            "image_content": "sha256:0",
        }
    )
    return plan, launches
