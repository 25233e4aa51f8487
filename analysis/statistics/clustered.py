"""A mean over clusters whose members depend on each other, with an interval from the clusters alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student

from analysis.statistics.log_mean import ALPHA

FEWEST = 3  # clusters, for a spread that says anything


@dataclass(frozen=True)
class Clustered:
    """A ratio of sums and its 95 % interval."""

    value: float
    low: float
    high: float
    clusters: int

    @property
    def is_there(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0 or self.high < 0


def ratio_of_sums(numerators: ArrayLike, denominators: ArrayLike) -> Clustered | None:
    """The sum of `numerators` over that of `denominators`, one of each a cluster (shape: clusters).

    The interval is Student's on the jackknife over clusters (Cochran 1977, section 6). None for fewer than three
    clusters, or where nothing is in them.
    """
    above, below = np.asarray(numerators, dtype=float), np.asarray(denominators, dtype=float)
    above, below = above[below > 0], below[below > 0]
    number = len(below)
    if number < FEWEST:
        return None
    value = float(above.sum() / below.sum())
    without = (above.sum() - above) / (below.sum() - below)
    error = float(np.sqrt((number - 1) / number * ((without - without.mean()) ** 2).sum()))
    half = error * float(student.ppf(1 - ALPHA / 2, number - 1))
    return Clustered(value, value - half, value + half, number)
