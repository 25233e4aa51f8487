"""The real analysis on simulated rounds of a bad machine: drift, spells of half speed, disturbed launches, stopping.

1,500 experiments of each kind: a share of 95 % comes out within 0.4 percentage points of itself (standard deviation
over both kinds), one of 5 % within 0.6.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.comparisons.compare import comparisons
from analysis.comparisons.comparison import Comparison
from analysis.decisions.interval_width import wide
from tests.made.noisy_machine import Experiments, Noise, as_tables, simulate
from workloads.vocabulary.plan import LOOK_EVERY

EACH = 1500
ROUNDS = 20
SLOWED = 1 / 1.03
TRUTHS = np.repeat([1.0, SLOWED], EACH)
FIRST = 5  # rounds before the first look
TARGET = 0.02


@pytest.fixture(scope="module")
def experiments() -> Experiments:
    """Half of them compare a setting with itself, half with one that is 3 % slower."""
    return simulate(TRUTHS, ROUNDS, Noise(), seed=20261122)


def compared(experiments: Experiments, rounds: NDArray[np.int64]) -> list[Comparison]:
    return comparisons(*as_tables(experiments, rounds))


def covered(rows: list[Comparison]) -> float:
    """The share of the intervals that hold the truth; each experiment has one."""
    holds = [
        row.low is not None and row.high is not None and row.low <= truth <= row.high
        for row, truth in zip(rows, TRUTHS, strict=True)
    ]
    return float(np.mean(holds))


def called(rows: list[Comparison]) -> float:
    return float(np.mean([row.verdict in ("faster", "slower") for row in rows]))


@pytest.mark.parametrize("rounds", [5, 10, 20])
def test_intervals_cover_and_equals_are_rarely_called_different(experiments: Experiments, rounds: int) -> None:
    rows = compared(experiments, np.full(len(TRUTHS), rounds))
    assert covered(rows) >= 0.93
    assert called(rows[:EACH]) <= 0.06


def test_a_slowdown_of_3_percent_is_found_in_20_rounds(experiments: Experiments) -> None:
    """At the noise of docs/method.md#noise-of-a-shared-machine, and with drift and spells on top of it."""
    slowed = compared(experiments, np.full(len(TRUTHS), ROUNDS))[EACH:]
    assert np.mean([entry.verdict == "slower" for entry in slowed]) >= 0.9


def stopped(log_ratios: NDArray[np.float64]) -> NDArray[np.int64]:
    """After how many rounds each experiment ends: looked at after the first rounds, and then every third one."""
    rounds = np.full(len(log_ratios), ROUNDS)
    for look in range(ROUNDS - (ROUNDS - FIRST) % LOOK_EVERY, FIRST - 1, -LOOK_EVERY):
        narrow = [not wide(ratios[np.newaxis, :look], TARGET)[0] for ratios in log_ratios]
        rounds[narrow] = look
    return rounds


def test_intervals_cover_where_rounds_end_once_they_are_narrow(experiments: Experiments) -> None:
    """Stopping at a narrow interval picks the lucky ones; the rule must not let that spoil the coverage."""
    rounds = stopped(experiments.log_ratios)
    assert len(np.unique(rounds)) > 3  # it does stop, and not always at once
    rows = compared(experiments, rounds)
    assert covered(rows) >= 0.93
    assert called(rows[:EACH]) <= 0.06


def test_the_canary_s_launches_are_what_keeps_the_power(experiments: Experiments) -> None:
    """A simulation in which nothing is disturbed would prove little: here spells hit, and most are set aside."""
    slow = experiments.log_times[:EACH] > 0.5
    assert 0.01 < slow.mean() < 0.1
    assert 0.8 < experiments.set_aside[:EACH][slow].mean() < 1
