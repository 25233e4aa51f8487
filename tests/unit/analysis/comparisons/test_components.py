"""Where noise comes from, on launches made with known variances."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from analysis.comparisons import compare, components
from analysis.comparisons.compare import comparisons
from analysis.comparisons.components import cheapest_growth, rounds_needed
from analysis.tables.tables import read_launches
from tests.made.analysed import tidied
from tests.made.known_truth import Truth, launches_of, plan_of
from tests.made.simulated import Noise, SimulatedCell, write_simulated_machine
from workloads.vocabulary.plan import Plan
from workloads.vocabulary.record import KnobValue

SIZES: list[dict[str, KnobValue]] = [{"intra_op": size} for size in range(1, 6)]


def analysed(plan: Plan, launches: pd.DataFrame) -> list[components.Components]:
    """The components of launches, by way of their comparisons."""
    return components.components(plan, launches, comparisons(plan, launches))


def estimated(root: Path, noise: Noise, rounds: int = 40) -> components.Components:
    """The components of one simulated cell, by way of records and tables."""
    plan = write_simulated_machine(
        root, [SimulatedCell("s", "w", SIZES, [1.0, 1.5, 2.0, 0.5, 3.0], rounds)], noise=noise
    )
    assert tidied(root) == 0
    (result,) = analysed(plan, read_launches(root))
    return result


@pytest.mark.parametrize("in_turns", [True, False])
def test_the_three_parts_come_out_as_they_went_in(tmp_path: Path, in_turns: bool) -> None:
    """200 launches: within a tenth; 40 rounds: within a quarter. What settings do does not show."""
    noise = Noise(round_sd=0.05, launch_sd=0.02, sample_sd=0.05, samples=40, in_turns=in_turns)
    result = estimated(tmp_path, noise)
    assert result.sd_rounds == pytest.approx(0.05, rel=0.25)
    assert result.sd_launches == pytest.approx(0.02, rel=0.15)
    # Ten slices of four samples each, of which the middle fifth counts.
    assert result.sd_within == pytest.approx(0.05 * math.sqrt(1.39 / 40), rel=0.15)
    assert (result.launches, result.settings, result.cycles) == (200, 5, 10)


def test_what_the_machine_does_from_cycle_to_cycle_is_no_noise_of_launches_that_took_turns(tmp_path: Path) -> None:
    noise = Noise(round_sd=0.05, launch_sd=0.02, sample_sd=0.001, samples=40, cycle_sd=0.1, in_turns=True)
    result = estimated(tmp_path / "turns", noise)
    assert result.sd_launches == pytest.approx(0.02, rel=0.15)
    assert result.sd_within < 0.001
    alone = estimated(tmp_path / "alone", dataclasses.replace(noise, in_turns=False))
    assert math.hypot(alone.sd_launches, alone.sd_within) > 0.03


def test_a_part_that_is_not_there_is_nothing(tmp_path: Path) -> None:
    result = estimated(tmp_path / "a", Noise(round_sd=0.0, launch_sd=0.02, sample_sd=0.001, samples=20))
    assert result.sd_rounds < 0.006
    assert result.sd_within < 0.001
    result = estimated(tmp_path / "b", Noise(round_sd=0.05, launch_sd=0.0, sample_sd=0.05, samples=20))
    assert result.sd_launches < 0.008


def test_launches_that_are_missing_do_not_disturb() -> None:
    """A third of them are: the rounds' variance is not taken for the launches'."""
    truth = Truth("s", "w", [(size, 1.0) for size in SIZES], rounds=60)
    rows = launches_of([truth], noise=0.02)
    kept = rows[np.random.default_rng(1).random(len(rows)) > 1 / 3]
    (result,) = analysed(plan_of([truth]), kept)
    assert math.hypot(result.sd_launches, result.sd_within) == pytest.approx(0.02, rel=0.15)
    assert result.sd_rounds == pytest.approx(0.2, rel=0.3)


def test_cells_of_a_workload_are_taken_together_and_workloads_apart() -> None:
    truths = [Truth("s", "w", [(SIZES[0], 1.0), (SIZES[1], 2.0)]), Truth("t", "w", [(SIZES[0], 1.0), (SIZES[1], 2.0)])]
    other = Truth("s", "v", [(SIZES[0], 1.0), (SIZES[1], 2.0)])
    rows = analysed(plan_of([*truths, other]), launches_of([*truths, other]))
    assert [(row.workload, row.launches, row.settings) for row in rows] == [("w", 20, 4), ("v", 10, 2)]


def test_the_noise_s_advice_follows_kalibera_and_jones() -> None:
    """Turns take 1 s of a round, the rest 4 s; the variance within is four times that between: sqrt(4 * 4) = 4."""
    assert cheapest_growth(between=1e-4, inner=4e-4, turns_s=1.0, other_s=4.0) == pytest.approx(4.0)
    assert cheapest_growth(between=1e-4, inner=1e-4, turns_s=1.0, other_s=4.0) == pytest.approx(2.0)


def test_the_cheapest_split_is_the_cheapest() -> None:
    """Against trying all: seconds that many rounds take for the same standard error."""
    between, inner, turns_s, other_s = 2e-4, 3e-4, 1.0, 3.5
    tried = np.linspace(0.3, 3.9, 3601)
    cost = (tried * turns_s + other_s) * (between + inner / tried)
    best = cheapest_growth(between, inner, turns_s, other_s)
    assert best == pytest.approx(tried[cost.argmin()], abs=0.002)


def test_advice_goes_no_further_than_four_times_from_what_was_measured() -> None:
    assert cheapest_growth(between=0.0, inner=1e-4, turns_s=1.0, other_s=4.0) == 4.0
    assert cheapest_growth(between=1e-4, inner=0.0, turns_s=1.0, other_s=4.0) == 0.25


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
    assert analysed(plan_of([truth]), change(launches_of([truth]))) == []


def test_one_round_tells_nothing_of_noise() -> None:
    truth = Truth("s", "w", [(SIZES[0], 1.0), (SIZES[1], 2.0)], rounds=1)
    assert analysed(plan_of([truth]), launches_of([truth])) == []


def test_the_table_is_written(tmp_path: Path) -> None:
    estimated(tmp_path, Noise(), rounds=3)
    assert compare.main(["--results", str(tmp_path)]) == 0
    assert components.main(["--results", str(tmp_path)]) == 0
    table = pd.read_parquet(tmp_path / components.COMPONENTS.file)
    assert list(table["workload"]) == ["w"]
    assert table["rounds"].dtype == np.int64
