"""How a launch's samples went, on samples made from known levels."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.tables.launch_samples import LaunchSamples
from analysis.tables.steadiness import FLAT, SLOWING_DOWN, UNSTEADY, WARMING_UP
from analysis.tables.warmup import Course, courses

NOISE = 0.01


def samples(*levels: tuple[int, float], seed: int = 1, noise: float = NOISE) -> NDArray[np.float64]:
    """One launch: so many samples at each level, with log-normal noise."""
    heights = np.repeat([height for _, height in levels], [number for number, _ in levels])
    return heights * np.exp(np.random.default_rng(seed).normal(0, noise, len(heights)))


def course(*levels: tuple[int, float], noise: float = NOISE) -> Course:
    (result,) = courses(samples(*levels, noise=noise)[np.newaxis])
    return result


@pytest.mark.parametrize("scale", [1e-5, 1.0, 100.0])
@pytest.mark.parametrize(
    ("levels", "kind", "steady_from"),
    [
        ([(40, 1.0)], FLAT, 0),
        ([(8, 1.1), (32, 1.0)], WARMING_UP, 8),
        ([(5, 1.5), (10, 1.2), (25, 1.0)], WARMING_UP, 15),
        ([(12, 1.0), (28, 1.1)], SLOWING_DOWN, 12),
        ([(15, 1.0), (10, 2.0), (15, 1.0)], UNSTEADY, None),
        ([(34, 1.0), (6, 2.0)], UNSTEADY, None),
        ([(10, 1.2), (10, 1.0), (20, 1.2)], UNSTEADY, None),
    ],
)
def test_each_kind_is_told_from_the_others(
    levels: list[tuple[int, float]], kind: str, steady_from: int | None, scale: float
) -> None:
    result = course(*((number, scale * height) for number, height in levels))
    assert result.steadiness == kind
    assert result.steady_from == (steady_from if steady_from is None else pytest.approx(steady_from, abs=1))


def test_long_launches_are_thinned_and_counted_in_samples() -> None:
    levels = course((300, 1.1), (1200, 1.0))
    assert levels.steadiness == WARMING_UP
    assert levels.steady_from == pytest.approx(300, abs=1500 / 50)


def test_what_is_no_change_of_level_is_flat() -> None:
    """Less than the tolerance, single spikes, a trend of one sample, times that are all equal."""
    assert course((20, 1.0), (20, 1.012), noise=0.001) == Course(FLAT, 0)
    spiky = samples((40, 1.0))
    spiky[[0, 13, 30, 39]] *= 4
    assert courses(spiky[np.newaxis]) == [Course(FLAT, 0)]
    assert courses(np.full((2, 30), 0.5)) == [Course(FLAT, 0)] * 2


def test_too_few_samples_say_nothing() -> None:
    assert courses(np.ones((3, 9))) == [Course(None, None)] * 3


@pytest.mark.parametrize("number", [10, 40, 64, 100, 250])
def test_noise_alone_is_rarely_called_a_change(number: int) -> None:
    noise = np.random.default_rng(number).normal(0, 0.03, (1000, number))
    kinds = [entry.steadiness for entry in courses(np.exp(noise))]
    assert kinds.count(FLAT) >= 980


def test_noise_that_hangs_together_is_rarely_called_a_change() -> None:
    """AR(1) with a coefficient of 0.5: half of each deviation is still there at the next sample."""
    random = np.random.default_rng(3)
    noise = np.zeros((1000, 60))
    for at in range(60):
        noise[:, at] = 0.5 * noise[:, at - 1] * (at > 0) + random.normal(0, 0.01, 1000)
    assert [entry.steadiness for entry in courses(np.exp(noise))].count(FLAT) >= 950


def test_launches_of_different_lengths_are_told_each_for_itself() -> None:
    """The statistics of many launches at once are those of each alone, warm-up left out."""
    launches = [samples((8, 1.1), (32, 1.0), seed=2), np.array([0.3]), samples((25, 2.0), seed=3), np.array([])]
    seconds = np.concatenate([np.concatenate([[9.0, 9.0], launch]) for launch in launches])
    counts = np.array([len(launch) for launch in launches])
    starts = np.cumsum(counts + 2) - counts
    result = LaunchSamples(seconds, starts, counts)
    assert result.steadiness == [WARMING_UP, None, FLAT, None]
    for row, launch in enumerate(launches[:3]):
        assert result.numbers["median_s"][row] == pytest.approx(np.median(launch))
        assert result.numbers["mean_s"][row] == pytest.approx(launch.mean())
        assert result.numbers["p99_s"][row] == pytest.approx(np.quantile(launch, 0.99))
    assert np.isnan([values[3] for values in result.numbers.values()]).all()


def medians(launches: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log medians of all samples, and of those from `steady_from` on (all, where there is no such)."""
    steady = [
        np.median(row[launch.steady_from or 0 :]) for row, launch in zip(launches, courses(launches), strict=True)
    ]
    return np.log(np.median(launches, axis=1)), np.log(steady)


def test_the_median_of_all_samples_repeats_better_than_that_of_the_last_level() -> None:
    """A warm-up of a tenth of the samples moves it by less than a launch's noise; a spell at the end, hardly more."""
    random = np.random.default_rng(5)
    launches = np.exp(random.normal(0, 0.02, (2000, 40)))
    launches[:, :4] *= 1.1
    plain, trimmed = medians(launches)
    assert abs(plain.mean() - trimmed.mean()) < 0.01
    for row, start in enumerate(random.integers(0, 400, len(launches))):
        launches[row, start : start + 12] *= 2  # a spell, in one launch of ten
    plain, trimmed = medians(launches)
    assert plain.std() < 0.5 * trimmed.std()
