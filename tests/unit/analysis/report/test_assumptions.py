"""Rounds that depend on each other, and places that matter, are seen where they are, and not where they are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.comparisons.comparison import Comparison
from analysis.comparisons.verdict import Verdict
from analysis.report.assumptions import Assumptions, assumptions
from analysis.statistics.clustered import ratio_of_sums

NOTHING = pd.DataFrame()
CELLS, SETTINGS = 6, 3


def _comparisons(generator: np.random.Generator, share: float, rounds: int) -> list[Comparison]:
    """Settings of a few workloads, whose rounds follow an autoregression; those of a workload share half of it."""
    made = []
    for cell in range(CELLS):
        series = [_autoregression(generator, share, rounds) for _ in range(SETTINGS + 1)]
        for setting in range(SETTINGS):
            ratios = tuple((series[0] + series[setting + 1]).tolist())
            result = Comparison(
                *("s", f"w{cell}", f"d{cell}", f"{setting}", "x", "b", "y", rounds, rounds, 0, Verdict.UNRESOLVED),
                pair_rounds=tuple(range(1, rounds + 1)),
                log_ratios=ratios,
            )
            made.append(result)
    return made


def _autoregression(generator: np.random.Generator, share: float, rounds: int) -> np.ndarray:
    values = [generator.normal()]
    for _ in range(rounds - 1):
        values.append(share * values[-1] + np.sqrt(1 - share**2) * generator.normal())
    return np.array(values)


@pytest.mark.parametrize("rounds", [4, 10])
def test_independent_rounds_are_seldom_called_dependent(rounds: int) -> None:
    generator = np.random.default_rng(1)
    results = [assumptions(_comparisons(generator, 0.0, rounds), NOTHING) for _ in range(200)]
    assert sum(result.too_narrow is not None for result in results) <= 0.06 * 200
    assert abs(np.mean([result.rounds.value for result in results if result.rounds])) < 0.03


def test_rounds_that_drift_are_seen_and_the_intervals_are_said_to_be_too_narrow() -> None:
    generator = np.random.default_rng(2)
    results = [assumptions(_comparisons(generator, 0.5, 20), NOTHING) for _ in range(100)]
    seen = [result.too_narrow for result in results if result.too_narrow is not None]
    assert len(seen) >= 80
    # The true factor is the root of (1 + 0.5) / (1 - 0.5), 1.73; short series show less of it.
    assert 1.3 < float(np.median(seen)) < 1.9


def test_few_workloads_say_nothing() -> None:
    assert assumptions([], NOTHING) == Assumptions(None, None)
    assert ratio_of_sums([1.0, 1.0], [1.0, 1.0]) is None


def _launches(generator: np.random.Generator, step: float) -> pd.DataFrame:
    rows = []
    for cell in range(CELLS):
        for number in range(1, 9):
            for position, setting in enumerate(generator.permutation(4), start=1):
                time = 0.02 * np.exp(0.01 * generator.normal() + step * position + 0.1 * setting + 0.05 * number)
                rows.append((f"d{cell}", f"w{cell}", str(setting), number, position, time, "ok", False))
    names = ["definition", "workload", "setting", "round", "position", "call_s", "status", "set_aside"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(throughput=1 / frame["call_s"], work_amount=1.0)


def test_a_place_that_matters_is_seen_in_its_size() -> None:
    generator = np.random.default_rng(3)
    cells = assumptions([], _launches(generator, 0.01)).places
    assert cells is not None
    assert cells.is_there
    assert 0.008 < cells.value < 0.012


def test_places_that_do_not_matter_are_seldom_called_so() -> None:
    generator = np.random.default_rng(4)
    results = [assumptions([], _launches(generator, 0.0)).places for _ in range(60)]
    assert sum(result.is_there for result in results if result is not None) <= 0.1 * 60
