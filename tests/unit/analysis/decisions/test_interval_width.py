"""Rounds until intervals are narrow: when they are, and that stopping there does not make them promise too much."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.decisions.interval_width import affordable, decide, half_width, reachable, wide
from analysis.decisions.rounds import Rounds
from analysis.statistics.log_mean import log_mean
from analysis.statistics.pooled import pooled_means
from workloads.vocabulary.plan import LOOK_EVERY, Adaptive, AdaptiveBy

RULE = Adaptive(AdaptiveBy.WIDTH, first=3, step=2, most=30, target=0.01)


def rounds(*settings: list[float], spent_s: float = 100.0) -> Rounds:
    """Rounds of a baseline and further settings, given by their log-ratios to it; NaN: did not count."""
    ratios = np.array([[0.0] * len(settings[0]), *settings])
    asked = np.ones_like(ratios, dtype=bool)
    round_s = np.full(ratios.shape[1], spent_s / ratios.shape[1])
    return Rounds([f"s{row}" for row in range(len(ratios))], 0, asked, ~asked, ratios, round_s)


def steady(number: int, sd: float = 0.001) -> list[float]:
    return [sd * (-1) ** index for index in range(number)]


def test_the_width_is_that_of_the_interval_that_the_report_prints() -> None:
    estimate = log_mean(np.random.default_rng(1).normal(0.1, 0.02, 7))
    assert estimate is not None
    assert half_width(estimate, 7) == pytest.approx(math.log(estimate.interval[1]) - estimate.mean)
    assert half_width(estimate, 7, 4.0) == pytest.approx(estimate.error / 2 * 2.064, rel=1e-3)  # Student's, 24 degrees


def test_one_pair_has_an_endless_interval_and_equal_ones_none() -> None:
    assert half_width(None, 0) == half_width(None, 1) == math.inf
    assert half_width(None, 3) == 0


def test_narrow_intervals_end_it_and_wide_ones_ask_for_all_settings_again() -> None:
    assert decide(rounds(steady(8)), RULE).rounds == 0
    going_on = decide(rounds(steady(8), steady(8, sd=0.02)), RULE)
    assert (going_on.after, going_on.rounds, going_on.settings) == (8, 2, ["s0", "s1", "s2"])
    assert going_on.reason.startswith("1 of 2 intervals")


def test_an_interval_of_its_own_error_has_to_be_narrow_twice_in_a_row() -> None:
    assert decide(rounds(steady(3)), RULE).rounds == 2
    assert decide(rounds(steady(5)), RULE).rounds == 0
    # Wide over all but the last two rounds.
    narrow_now_only = [0.05, *[0.0] * 12]
    estimate = log_mean(np.array(narrow_now_only))
    assert half_width(estimate, 13) < math.log1p(0.01)
    assert decide(rounds(narrow_now_only), RULE).rounds == 2


def test_an_error_that_settings_share_has_to_be_narrow_once() -> None:
    shared = rounds([0.0, 0.001, 0.0005], [0.2, 0.2, 0.201], [0.301, 0.3, 0.3005])
    assert decide(shared, RULE).rounds == 0


def test_a_setting_that_always_fails_is_not_waited_for() -> None:
    assert decide(rounds(steady(8), [math.nan] * 8), RULE).rounds == 0


def test_neither_the_most_rounds_nor_the_budget_are_passed() -> None:
    loud = rounds(steady(29, sd=0.026), spent_s=290.0)
    assert decide(loud, RULE).rounds == 1
    budget = Adaptive(AdaptiveBy.WIDTH, 3, 2, 60, budget_s=315.0, target=0.01)
    assert decide(loud, budget).rounds == 2
    spent = decide(loud, Adaptive(AdaptiveBy.WIDTH, 3, 2, 60, budget_s=295.0, target=0.01))
    assert spent.rounds == 0
    assert spent.reason.endswith("and the budget is spent")


def test_rounds_that_would_not_help_are_not_made_and_the_reason_is_told() -> None:
    left = decide(rounds(steady(4, sd=0.2)), RULE)
    assert left.rounds == 0
    assert left.reason == (
        "1 of 1 intervals are not within ± 1 %, and 26 more rounds would not bring them there at this spread"
    )
    # Another setting may still need them.
    on = decide(rounds(steady(8, sd=0.2), steady(8, sd=0.01)), RULE)
    assert on.rounds == 2
    assert on.reason.endswith("; 1 of them would take more than the 22 rounds that are left")
    assert reachable(np.array([[math.nan, 0.1]]), 0.01, 1).all()  # a second pair may show anything


def test_what_a_budget_holds_is_reckoned_in_rounds_like_those_on_file() -> None:
    assert affordable(rounds(steady(5), spent_s=50.0), 95.0) == 4
    assert affordable(rounds(steady(5), spent_s=50.0), 10.0) == 0


def stopped_at(ratios: NDArray[np.float64], target: float, most: int) -> int:
    """After how many rounds a cell is left, if it may have `most`."""
    return next(
        (number for number in range(3, most, LOOK_EVERY) if not wide(ratios[:, :number], target).any()),
        most,
    )


@pytest.mark.parametrize(("settings", "cells"), [(1, 1200), (2, 400), (4, 150)])
@pytest.mark.parametrize("target", [0.008, 0.014])
def test_intervals_that_were_stopped_at_cover_the_truth_in_93_of_100_runs(
    settings: int, cells: int, target: float
) -> None:
    """Launches that spread by half a per cent; the share is known to about 0.8 %."""
    most, truth = 25, 0.01
    launches = np.random.default_rng(20261122).normal(0, 0.005, (cells, settings + 1, most))
    covered = []
    for speeds in launches:
        ratios = truth + speeds[1:] - speeds[:1]
        number = stopped_at(ratios, target, most)
        for mean in pooled_means(ratios[:, :number]):
            assert mean is not None
            covered.append(mean.interval[0] <= math.exp(truth) <= mean.interval[1])
    assert np.mean(covered) >= 0.93
