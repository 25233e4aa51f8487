"""The robust location of a round's cycles, on values made by hand and on simulated rounds."""

import numpy as np
import pytest

from analysis.statistics.location import location, trimmed_mean
from tests.made.turn_taking import MODELS, take_turns


def test_the_middle_of_the_values_is_what_counts() -> None:
    assert location(np.array([5.0])) == 5
    assert location(np.array([1.0, 5.0])) == 3
    assert location(np.array([1.0, 2.0, 90.0])) == 2
    assert location(np.array([9.0, 3.0, -50.0, 4.0, 1.0, 90.0, 2.0, 7.0, 8.0, 5.0])) == 4.5
    assert trimmed_mean(np.array([4.0, 0.0, 2.0, 90.0]), 0.25) == 3
    assert trimmed_mean(np.array([4.0, 0.0, 2.0, 90.0]), 0.0) == 24


def test_cycles_that_do_not_count_change_nothing() -> None:
    values = np.random.default_rng(1).normal(size=(3, 12))
    gaps = np.insert(values, [2, 5, 5], np.nan, axis=1)
    assert location(gaps).tolist() == location(values).tolist()
    assert np.isnan(location(np.array([[np.nan, np.nan], [1.0, np.nan]]))).tolist() == [True, False]
    assert np.isnan(location(np.zeros((2, 0)))).all()


def test_many_pairs_at_once_give_what_each_gives_alone() -> None:
    values = np.random.default_rng(2).normal(size=(4, 5, 12))
    assert location(values)[2, 3] == location(values[2, 3])


@pytest.mark.parametrize("model", MODELS)
def test_it_is_not_biased_and_no_worse_than_the_mean_or_the_median(model: str) -> None:
    """4,000 rounds of two settings whose true difference is known."""
    effect = 0.03
    slices = take_turns(np.random.default_rng(3), 4000, 1, 12, MODELS[model], (0.0, effect))
    for speed in (slices.typical, slices.work):
        ratios = (speed[:, 0, 1] - speed[:, 0, 0]) - effect
        result = location(ratios)
        assert abs(result.mean()) < 4 * result.std() / np.sqrt(len(result))
        assert result.std() < 1.1 * ratios.mean(axis=1).std()
        assert result.std() < 1.02 * np.median(ratios, axis=1).std()
