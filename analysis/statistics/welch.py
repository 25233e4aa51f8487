"""The difference of two independent means, by Welch's test.

Welch 1947, "The generalization of 'Student's' problem when several different population variances are involved", with
the degrees of freedom of Satterthwaite 1946, "An approximate distribution of estimates of variance components".
"""

import math

import numpy as np
from numpy.typing import NDArray

from analysis.statistics.log_mean import NO_SPREAD, LogMean


def welch(first: LogMean, second: LogMean) -> LogMean:
    """The first mean less the second. One of them may have no error at all, but not both."""
    parts = first.error**2, second.error**2
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / first.freedom + parts[1] ** 2 / second.freedom)
    return LogMean(first.mean - second.mean, math.sqrt(sum(parts)), freedom)


def welch_of_values(first: NDArray[np.float64], second: NDArray[np.float64]) -> LogMean | None:
    """The same of independent values; None for fewer than two on a side, or where neither side has any spread."""
    if min(len(first), len(second)) < 2:
        return None
    means = [_mean(values) for values in (first, second)]
    return None if math.hypot(means[0].error, means[1].error) < NO_SPREAD else welch(*means)


def _mean(values: NDArray[np.float64]) -> LogMean:
    error = float(np.std(values, ddof=1)) / math.sqrt(len(values))
    return LogMean(float(np.mean(values)), error, len(values) - 1)
