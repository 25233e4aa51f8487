"""How often the claims' tests are right about launches made from known truth."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest

from analysis.claims.kinds.p_values import directed, reversed_order
from analysis.comparisons.regret import regret
from analysis.statistics.log_mean import LogMean, log_mean
from analysis.statistics.welch import welch
from tests.made.known_truth import ONE, TWO, Truth, launches_of


def share(rows: Sequence[bool]) -> float:
    return sum(rows) / len(rows)


def means(truth: float, rounds: int = 5, noise: float = 0.03, seed: int = 3, times: int = 2000) -> list[LogMean]:
    """Means of as many simulated experiments; `truth` is a ratio."""
    random = np.random.default_rng(seed)
    results = [log_mean(row) for row in random.normal(math.log(truth), noise, (times, rounds))]
    return [result for result in results if result is not None]


def test_faster_is_rarely_claimed_and_rarely_refuted_at_the_margin() -> None:
    """The worst case for both. Each error at most 5 %: of the two-sided test's, half lies on the claimed side."""
    at_margin = [directed(mean, "faster", 0.02) for mean in means(1.02)]
    assert 0.015 < share([p_for < 0.05 for p_for, _ in at_margin]) < 0.035
    assert 0.035 < share([p_against < 0.05 for _, p_against in at_margin]) < 0.065


def test_a_gain_of_four_margins_is_found_more_often_than_not() -> None:
    assert share([directed(mean, "faster", 0.02)[0] < 0.05 for mean in means(1.08)]) > 0.8
    assert share([directed(entry, "slower", 0.02)[1] < 0.05 for entry in means(1.08)]) > 0.8


def test_equivalence_errs_in_5_of_100_at_its_margin_and_is_found_well_within() -> None:
    """At the margin, which is the worst case; and with noise small beside the margin it is nearly always found."""
    at_margin = [mean.p_equivalence(0.05) for mean in means(1.05, noise=0.01)]
    assert 0.035 < share([p < 0.05 for p in at_margin]) < 0.065
    assert share([entry.p_equivalence(0.05) < 0.05 for entry in means(1, noise=0.01)]) > 0.95


def test_interaction_of_two_cells_covers_and_errs_as_it_should() -> None:
    """Unequal numbers of rounds and unequal noise: what Welch and Satterthwaite are for."""
    both = zip(means(2), means(2, rounds=8, noise=0.01, seed=4), strict=True)
    results = [welch(first, second) for first, second in both]
    assert 0.93 < share([result.interval[0] <= 1 <= result.interval[1] for result in results]) < 0.97
    assert share([directed(entry, "faster", 0.02)[0] < 0.05 for entry in results]) < 0.04


def test_rank_reversal_is_rarely_seen_where_only_one_order_is_resolved() -> None:
    """Faster in one place and equal in four: each of the four has its chance to look slower."""
    equal = [means(1, seed=seed) for seed in range(4, 8)]
    places = [list(several) for several in zip(means(1.5), *equal, strict=True)]
    assert share([reversed_order(several, 0.02)[0] < 0.05 for several in places]) < 0.05


@pytest.mark.parametrize("rounds", [3, 5, 8])
def test_choosing_among_equals_gains_nothing(rounds: int) -> None:
    """Four settings as fast as the default: the largest measured gain is 1 %, the held-out one none."""
    random, claimed, chosen, held_out = np.random.default_rng(5), [], [], []
    for _ in range(200):
        speeds = random.normal(0, 0.02, (5, rounds))
        ratios = speeds[1:] - speeds[0]
        outcome = regret(ratios, "w")
        claimed.append(2 * outcome.gain.p_above(0) < 0.05)
        chosen.append(ratios.mean(axis=1).max())
        held_out.append(outcome.gain.mean)
    assert np.mean(chosen) > 0.006
    assert abs(np.mean(held_out)) < 0.004
    assert share(claimed) < 0.07


def test_a_true_gain_is_found_on_rounds_that_had_no_part_in_the_choice() -> None:
    random = np.random.default_rng(6)
    truth = np.log([[1.0], [1.2], [1.0], [0.9]])
    results = [regret(truth + random.normal(0, 0.03, (4, 5)), "w") for _ in range(50)]
    assert {result.best for result in results} == {1}
    assert share([2 * entry.gain.p_above(0) < 0.05 for entry in results]) > 0.9
    assert np.mean([item.gain.mean for item in results]) == pytest.approx(math.log(1.2), abs=0.01)


def test_simulated_rounds_drift_together() -> None:
    """Or pairing would not be put to the test: rounds differ far more than launches do."""
    rows = launches_of([Truth("s", "w", [(ONE, 1), (TWO, 1)], rounds=30)])
    speeds = [np.log(group["throughput"].to_numpy()) for _, group in rows.groupby("setting")]
    assert np.std(speeds[0]) > 5 * np.std(speeds[0] - speeds[1])
    assert not any(a == b for a, b in itertools.pairwise(speeds[0]))
