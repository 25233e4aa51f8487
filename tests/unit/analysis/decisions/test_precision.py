"""Rounds until precise: when enough is enough, and that stopping there does not make intervals promise too much."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.decisions.precision import LOOK_EVERY, affordable, decide, half_widths, wide
from analysis.decisions.rounds import Rounds
from analysis.statistics.log_mean import log_mean
from containers.plan import strategy
from workloads.vocabulary.plan import Adaptive

RULE = Adaptive("precision", first=5, step=3, most=30, target=0.02)


def rounds(*settings: list[float], spent_s: float = 100.0) -> Rounds:
    """Rounds of a baseline and further settings, given by their log-ratios to it; NaN: did not count."""
    ratios = np.array([[0.0] * len(settings[0]), *settings])
    return Rounds([f"s{row}" for row in range(len(ratios))], 0, np.ones_like(ratios, dtype=bool), ratios, spent_s)


def steady(number: int, sd: float = 0.001) -> list[float]:
    return [sd * (-1) ** index for index in range(number)]


def test_the_width_is_that_of_the_interval_that_the_report_prints() -> None:
    ratios = np.random.default_rng(1).normal(0.1, 0.02, (3, 7))
    for width, row in zip(half_widths(ratios), ratios, strict=True):
        found = log_mean(row)
        assert found is not None
        assert width == pytest.approx(math.log(found.interval[1]) - found.mean)


def test_what_cannot_be_compared_has_no_width_and_one_pair_an_endless_one() -> None:
    nan = math.nan
    widths = half_widths(np.array([[nan, nan, nan], [nan, 0.1, nan], [0.1, 0.1, 0.1]]))
    assert math.isnan(widths[0])
    assert math.isinf(widths[1])
    assert widths[2] == pytest.approx(0)


def test_narrow_intervals_end_it_and_wide_ones_ask_for_all_settings_again() -> None:
    assert decide(rounds(steady(8)), RULE).rounds == 0
    going_on = decide(rounds(steady(8), steady(8, sd=0.2)), RULE)
    assert (going_on.after, going_on.rounds, going_on.settings) == (8, 3, ["s0", "s1", "s2"])
    assert going_on.reason.startswith("1 of 2 intervals")


def test_an_interval_has_to_be_narrow_twice_in_a_row() -> None:
    lucky = [0.1, -0.1, 0.1, -0.1, 0.1, *[0.0] * 50]
    assert decide(rounds(lucky[:55]), RULE).rounds == 0
    narrow_now_only = [0.2, *[0.0] * 21]
    assert half_widths(np.array([narrow_now_only]))[0] < math.log1p(0.02)
    assert decide(rounds(narrow_now_only), RULE).rounds == 3


def test_a_setting_that_always_fails_is_not_waited_for() -> None:
    assert decide(rounds(steady(8), [math.nan] * 8), RULE).rounds == 0


def test_neither_the_most_rounds_nor_the_budget_are_passed() -> None:
    loud = rounds(steady(29, sd=0.2), spent_s=290.0)
    assert decide(loud, RULE).rounds == 1
    budget = Adaptive("precision", 5, 3, 60, budget_s=315.0, target=0.02)
    assert decide(loud, budget).rounds == 2
    spent = decide(loud, Adaptive("precision", 5, 3, 60, budget_s=295.0, target=0.02))
    assert spent.rounds == 0
    assert spent.reason.endswith("and the budget is spent")


def test_what_a_budget_holds_is_reckoned_in_rounds_like_those_on_file() -> None:
    assert affordable(rounds(steady(5), spent_s=50.0), 95.0) == 4
    assert affordable(rounds(steady(5), spent_s=50.0), 10.0) == 0


def test_the_plan_looks_as_often_as_was_simulated() -> None:
    assert strategy.LOOK_EVERY == LOOK_EVERY


@pytest.mark.parametrize("target", [0.0125, 0.015, 0.02, 0.03])
def test_intervals_that_were_stopped_at_cover_the_truth_in_93_of_100_runs(target: float) -> None:
    """20,000 cells of two settings each, which is the worst case; the share is known to 0.4 % (2 standard errors)."""
    runs, most, truth = 20_000, 41, 0.01
    noise = np.random.default_rng(20261122).normal(0, 0.019 * math.sqrt(2), (runs, most))
    ratios: NDArray[np.float64] = truth + noise
    stopped = np.full(runs, most)
    for number in range(5, most, LOOK_EVERY):
        ended = (stopped == most) & ~wide(ratios[:, :number], target)
        stopped[ended] = number
    covered = 0
    for number in np.unique(stopped):
        ours = ratios[stopped == number, :number]
        covered += int((abs(ours.mean(axis=1) - truth) <= half_widths(ours)).sum())
    assert covered / runs >= 0.93
