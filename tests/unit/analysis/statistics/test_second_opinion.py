"""The suite's statistics give what statsmodels and SciPy give, on values that were drawn once."""

import math

import numpy as np
import pytest
from scipy.stats import ttest_1samp
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from analysis.margin import MARGIN
from analysis.statistics.holm import holm
from analysis.statistics.log_mean import ALPHA, estimate, log_mean
from analysis.statistics.power import POWER, smallest_resolvable
from analysis.statistics.welch import welch, welch_of_values

SEEDS = range(20)


def drawn(seed: int, number: int, mean: float = 0.01, sd: float = 0.03) -> np.ndarray:
    """Log-ratios of so many rounds."""
    return np.random.default_rng(seed).normal(mean, sd, number)


@pytest.mark.parametrize("seed", SEEDS)
def test_holm(seed: int) -> None:
    p = np.random.default_rng(seed).uniform(0, 0.2, 12) ** 2
    assert holm(p.tolist()) == pytest.approx(multipletests(p, method="holm")[1])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_paired_test_and_its_interval(seed: int) -> None:
    values = drawn(seed, 3 + seed)
    result, other = log_mean(values), DescrStatsW(values)
    assert result is not None
    assert result.p_difference() == pytest.approx(other.ttest_mean(0)[1])
    assert result.p_difference() == pytest.approx(ttest_1samp(values, 0).pvalue)
    assert np.log(result.interval) == pytest.approx(other.tconfint_mean(ALPHA))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_two_one_sided_tests_of_equivalence(seed: int) -> None:
    values, bound = drawn(seed, 3 + seed, mean=0.005), math.log1p(MARGIN)
    assert estimate(values).p_equivalence == pytest.approx(DescrStatsW(values).ttost_mean(-bound, bound)[0])


@pytest.mark.parametrize("seed", SEEDS)
def test_welch(seed: int) -> None:
    first, second, bound = drawn(seed, 3 + seed), drawn(100 + seed, 25 - seed, sd=0.1), math.log1p(MARGIN)
    result = welch_of_values(first, second)
    other = CompareMeans(DescrStatsW(first), DescrStatsW(second))
    _, p, freedom = other.ttest_ind(usevar="unequal")
    assert result is not None
    assert (result.p_difference(), result.freedom) == pytest.approx((p, freedom))
    assert np.log(result.interval) == pytest.approx(other.tconfint_diff(ALPHA, usevar="unequal"))
    assert result.p_equivalence(MARGIN) == pytest.approx(other.ttost_ind(-bound, bound, usevar="unequal")[0])


@pytest.mark.parametrize("seed", SEEDS)
def test_welch_of_two_means_is_that_of_their_values(seed: int) -> None:
    first, second = drawn(seed, 4), drawn(100 + seed, 9, sd=0.1)
    means = log_mean(first), log_mean(second)
    assert means[0] is not None
    assert means[1] is not None
    result, other = welch(*means), welch_of_values(first, second)
    assert other is not None
    assert (result.mean, result.error, result.freedom) == pytest.approx((other.mean, other.error, other.freedom))


@pytest.mark.parametrize(("sd", "pairs", "family"), [(0.02, 3, 1), (0.05, 5, 4), (0.1, 20, 36), (0.004, 10, 100)])
def test_the_smallest_difference_that_is_called_in_four_of_five_runs(sd: float, pairs: int, family: int) -> None:
    effect = math.log(smallest_resolvable(sd / math.sqrt(pairs), pairs - 1, family)) / sd
    # Of statsmodels the power on the side of the effect alone: the other side is called by an error.
    power = TTestPower().power(effect, pairs, ALPHA / family / 2, alternative="larger")
    assert power == pytest.approx(POWER)
