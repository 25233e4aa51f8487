"""Where noise comes from, on launches made with known variances."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from analysis.comparisons import components
from analysis.comparisons.components import cheapest_measure_s, rounds_needed
from analysis.tables import tidy
from analysis.tables.tables import read_launches
from tests.made.known_truth import Truth, launches_of, plan_of
from tests.made.simulated import Noise, SimulatedCell, write_simulated_machine
from workloads.vocabulary.record import KnobValue

SIZES: list[dict[str, KnobValue]] = [{"intra_op": size} for size in range(1, 6)]


def found(root: Path, noise: Noise, rounds: int = 40) -> components.Components:
    """The components of one simulated cell, by way of records and tables."""
    plan = write_simulated_machine(
        root, [SimulatedCell("s", "w", SIZES, [1.0, 1.5, 2.0, 0.5, 3.0], rounds)], noise=noise
    )
    assert tidy.main(["--results", str(root)]) == 0
    (one,) = components.components(plan, read_launches(root))
    return one


def test_the_three_parts_come_out_as_they_went_in(tmp_path: Path) -> None:
    """200 launches: within a tenth; 40 rounds: within a quarter. What settings do does not show."""
    noise = Noise(round_sd=0.05, launch_sd=0.02, sample_sd=0.05, samples=40)
    one = found(tmp_path, noise)
    assert one.sd_rounds == pytest.approx(0.05, rel=0.25)
    assert one.sd_launches == pytest.approx(0.02, rel=0.1)
    # The variance of a median of normal numbers is pi/2 times that of their mean.
    assert one.sd_within == pytest.approx(0.05 * math.sqrt(math.pi / 2 / 40), rel=0.1)
    assert (one.launches, one.settings) == (200, 5)


def test_a_part_that_is_not_there_is_nothing(tmp_path: Path) -> None:
    one = found(tmp_path / "a", Noise(round_sd=0.0, launch_sd=0.02, sample_sd=0.001, samples=20))
    assert one.sd_rounds < 0.006
    assert one.sd_within < 0.001
    one = found(tmp_path / "b", Noise(round_sd=0.05, launch_sd=0.0, sample_sd=0.05, samples=20))
    assert one.sd_launches < 0.006


def test_launches_that_are_missing_do_not_disturb() -> None:
    """A third of them are: the rounds' variance is not taken for the launches'."""
    truth = Truth("s", "w", [(size, 1.0) for size in SIZES], rounds=60)
    rows = launches_of([truth], noise=0.02)
    kept = rows[np.random.default_rng(1).random(len(rows)) > 1 / 3]
    (one,) = components.components(plan_of([truth]), kept)
    assert math.hypot(one.sd_launches, one.sd_within) == pytest.approx(0.02, rel=0.15)
    assert one.sd_rounds == pytest.approx(0.2, rel=0.3)


def test_cells_of_a_workload_are_taken_together_and_workloads_apart() -> None:
    truths = [Truth("s", "w", [(SIZES[0], 1.0), (SIZES[1], 2.0)]), Truth("t", "w", [(SIZES[0], 1.0), (SIZES[1], 2.0)])]
    other = Truth("s", "v", [(SIZES[0], 1.0), (SIZES[1], 2.0)])
    rows = components.components(plan_of([*truths, other]), launches_of([*truths, other]))
    assert [(one.workload, one.launches, one.settings) for one in rows] == [("w", 20, 4), ("v", 10, 2)]


def test_the_noise_s_advice_follows_kalibera_and_jones() -> None:
    """Timing costs 1 s, the rest 4 s; the variance within is four times that between: sqrt(4 * 1 * 4) = 4 s."""
    assert cheapest_measure_s(between=1e-4, within=4e-4, measure_s=1.0, other_s=4.0) == pytest.approx(4.0)
    assert cheapest_measure_s(between=1e-4, within=1e-4, measure_s=1.0, other_s=4.0) == pytest.approx(2.0)


def test_the_cheapest_split_is_the_cheapest() -> None:
    """Against trying all: seconds that many rounds take for the same standard error."""
    between, within, measure_s, other_s = 2e-4, 3e-4, 1.0, 3.5
    tried = np.linspace(0.3, 3.9, 3601)
    cost = (tried + other_s) * (between + within * measure_s / tried)
    best = cheapest_measure_s(between, within, measure_s, other_s)
    assert best == pytest.approx(tried[cost.argmin()], abs=0.002)


def test_advice_goes_no_further_than_four_times_from_what_was_measured() -> None:
    assert cheapest_measure_s(between=0.0, within=1e-4, measure_s=1.0, other_s=4.0) == 4.0
    assert cheapest_measure_s(between=1e-4, within=0.0, measure_s=1.0, other_s=4.0) == 0.25


@pytest.mark.parametrize("sd", [0.005, 0.02, 0.1])
def test_the_rounds_are_the_fewest_that_reach_the_target(sd: float) -> None:
    number = rounds_needed(sd**2, 0.02)
    assert number is not None
    widths = [scipy.stats.t.isf(0.025, n - 1) * sd * math.sqrt(2 / n) for n in (number - 1, number) if n > 1]
    assert widths[-1] <= math.log(1.02)
    assert number == 2 or widths[0] > math.log(1.02)


def test_noise_without_end_has_no_number_of_rounds() -> None:
    assert rounds_needed(4.0, 0.02) is None
    assert rounds_needed(0.0, 0.02) == 2


@pytest.mark.parametrize("change", [lambda rows: rows.iloc[:0], lambda rows: rows.assign(status="failed")])
def test_a_run_without_measurements_has_none(change: object) -> None:
    truth = Truth("s", "w", [(SIZES[0], 1.0), (SIZES[1], 2.0)])
    assert callable(change)
    assert components.components(plan_of([truth]), change(launches_of([truth]))) == []


def test_one_round_tells_nothing_of_noise() -> None:
    truth = Truth("s", "w", [(SIZES[0], 1.0), (SIZES[1], 2.0)], rounds=1)
    assert components.components(plan_of([truth]), launches_of([truth])) == []


def test_the_table_is_written(tmp_path: Path) -> None:
    found(tmp_path, Noise(), rounds=3)
    assert components.main(["--results", str(tmp_path)]) == 0
    table = pd.read_parquet(tmp_path / components.COMPONENTS.file)
    assert list(table["workload"]) == ["w"]
    assert table["rounds"].dtype == np.int64
