"""Stalls that are a setting's own count; those of the machine are noise."""

import math

import numpy as np
import pytest

from analysis.statistics.stalls import round_ratios
from tests.made.turn_taking import MODELS, take_turns

EXPERIMENTS, ROUNDS, CYCLES = 200, 5, 12


def test_where_nothing_stalls_both_speeds_are_one() -> None:
    typical = np.random.default_rng(1).normal(0.1, 0.01, (3, 12))
    ratios = round_ratios(typical, typical)
    assert (ratios.by_work, ratios.stalls, ratios.least_seen) == (False, 0, 0)
    assert ratios.log_ratios == pytest.approx(0.1, abs=0.01)


def test_a_loss_in_every_cycle_is_counted() -> None:
    typical = np.random.default_rng(1).normal(0, 0.01, (3, 12))
    lost = np.random.default_rng(2).normal(-0.5, 0.05, (3, 12))
    ratios = round_ratios(typical, typical + lost)
    assert ratios.by_work
    assert ratios.log_ratios == pytest.approx(-0.5, abs=0.05)
    assert ratios.stalls == pytest.approx(-0.5, abs=0.05)


def test_with_too_few_cycles_to_tell_work_over_time_is_compared() -> None:
    typical = np.array([[0.0, 0.01], [0.02, 0.0]])
    ratios = round_ratios(typical, typical - 0.1)
    assert ratios.by_work
    assert ratios.least_seen == math.inf
    assert ratios.log_ratios == pytest.approx([-0.095, -0.09])


def test_cycles_that_do_not_count_are_left_out() -> None:
    typical = np.random.default_rng(1).normal(0, 0.01, (2, 12))
    work = typical + np.random.default_rng(2).normal(0, 0.05, (2, 12))
    whole = round_ratios(typical, work)
    more = round_ratios(np.insert(typical, 3, np.nan, axis=1), np.insert(work, 3, np.nan, axis=1))
    assert more.log_ratios.tolist() == whole.log_ratios.tolist()
    assert (more.by_work, more.least_seen) == (whole.by_work, whole.least_seen)


@pytest.mark.parametrize(("own", "least"), [(0.0, 0.0), (0.03, 0.8), (0.1, 1.0)])
def test_a_setting_s_own_stalls_are_told_from_a_loud_machine_s(own: float, least: float) -> None:
    """A machine that takes 5 % of each slice on average, and a setting that loses `own` of it on top."""
    slices = take_turns(
        *(np.random.default_rng(3), EXPERIMENTS, ROUNDS, CYCLES, MODELS["stalls"]), own_stalls=(0.0, own)
    )
    typical, work = (speed[:, :, 1] - speed[:, :, 0] for speed in (slices.typical, slices.work))
    results = [round_ratios(typical[entry], work[entry]) for entry in range(EXPERIMENTS)]
    share = np.mean([result.by_work for result in results])
    assert share >= least
    if own == 0:
        assert share <= 0.03
        return
    # What it says it could see, it sees.
    assert np.median([result.least_seen for result in results]) < 0.03
    seen = [result.log_ratios.mean() for result in results if result.by_work]
    assert np.mean(seen) == pytest.approx(math.log1p(-own), abs=0.005)


def test_typical_calls_are_compared_where_the_machine_alone_stalls_and_that_is_sharper() -> None:
    slices = take_turns(np.random.default_rng(4), EXPERIMENTS, ROUNDS, CYCLES, MODELS["stalls"])
    typical, work = (speed[:, :, 1] - speed[:, :, 0] for speed in (slices.typical, slices.work))
    errors = [round_ratios(typical[entry], work[entry]).log_ratios.mean() for entry in range(EXPERIMENTS)]
    by_work = np.median(work, axis=2).mean(axis=1)
    assert np.std(errors) < np.std(by_work) / 2
