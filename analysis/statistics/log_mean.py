"""The mean of logarithms of ratios, its interval and its tests."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from analysis.margin import MARGIN

ALPHA = 0.05

# Log-ratios that differ by less are equal but for rounding; a t-test of them would divide by nothing.
NO_SPREAD = 1e-12


@dataclass(frozen=True)
class LogMean:
    """The mean of logarithms of ratios, with what Student's distribution needs."""

    mean: float
    error: float  # standard error, > 0
    freedom: float  # degrees of freedom

    def p_above(self, bound: float) -> float:
        """One-sided p of "the true mean is at most `bound`": small if it lies above."""
        return float(stdtr(self.freedom, (bound - self.mean) / self.error))

    def p_below(self, bound: float) -> float:
        """One-sided p of "the true mean is at least `bound`": small if it lies below."""
        return float(stdtr(self.freedom, (self.mean - bound) / self.error))

    def p_difference(self) -> float:
        """Two-sided p of "the true mean is 0"."""
        return 2 * min(self.p_above(0), self.p_below(0))

    def p_equivalence(self, margin: float) -> float:
        """Two one-sided tests: small if the true ratio lies between 1 / (1 + margin) and 1 + margin."""
        bound = math.log1p(margin)
        return max(self.p_above(-bound), self.p_below(bound))

    @property
    def ratio(self) -> float:
        """The mean as a ratio."""
        return exp(self.mean)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the ratio, for this mean alone."""
        half_width = float(stdtrit(self.freedom, 1 - ALPHA / 2)) * self.error
        return exp(self.mean - half_width), exp(self.mean + half_width)


def log_mean(log_ratios: NDArray[np.float64]) -> LogMean | None:
    """The mean of independent log-ratios, one a round; None for fewer than two, or if they are all equal."""
    if len(log_ratios) < 2:
        return None
    sd = float(np.std(log_ratios, ddof=1))
    if sd < NO_SPREAD:
        return None
    return LogMean(float(np.mean(log_ratios)), sd / math.sqrt(len(log_ratios)), len(log_ratios) - 1)


@dataclass(frozen=True)
class Estimate:
    """What paired log-ratios say. Ratios say how many times better; None where it cannot be said."""

    pairs: int
    ratio: float  # geometric mean
    low: float | None  # 95 % interval, unadjusted
    high: float | None
    sd_log_ratio: float | None  # between rounds
    standard_error: float | None  # of the mean log-ratio
    freedom: float | None  # its degrees of freedom
    p: float | None  # two-sided t-test, unadjusted
    p_equivalence: float | None  # two one-sided tests, unadjusted
    margin: float


def estimate(log_ratios: NDArray[np.float64], mean: LogMean | None = None, margin: float = MARGIN) -> Estimate:
    """Geometric mean, interval and tests of log-ratios, one a round (shape: pairs, at least 1).

    `mean` is that of these values with an error from elsewhere; their own spread gives it otherwise.
    """
    mean = mean or log_mean(log_ratios)
    ratio = exp(float(np.mean(log_ratios)))
    alone = len(log_ratios) < 2
    # Without any spread, the interval is the ratio itself.
    low, high = mean.interval if mean else (None, None) if alone else (ratio, ratio)
    return Estimate(
        pairs=len(log_ratios),
        ratio=ratio,
        low=low,
        high=high,
        sd_log_ratio=None if alone else float(np.std(log_ratios, ddof=1)) if mean else 0.0,
        standard_error=mean.error if mean else None,
        freedom=mean.freedom if mean else None,
        p=mean.p_difference() if mean else None,
        p_equivalence=mean.p_equivalence(margin) if mean else None,
        margin=margin,
    )


def exp(value: float) -> float:
    """The ratio of a logarithm. With two pairs a bound can lie beyond what a float holds: it is as good as none."""
    return math.exp(value) if value < 700 else math.inf
