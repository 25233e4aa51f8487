"""Which speed of a slice is compared: its typical call's, or the work done over its time.

Work over time counts stalls: a CPU quota's throttling, garbage collection, an input that comes late. A shared machine's
own stalls are in it too, and these are noise. On recordings of a call of 9 ms, in which other guests interrupt one call
in ten, a round's log-ratio by work over time has two to five times the error of the one by the median call
(`python -m benchmarks.estimators RECORDINGS`). But the machine's stalls hit all launches of a block alike; what a
setting loses on top is its own. So the two speeds are taken apart:

- What a slice loses to stalls is its work over time less its typical call. Wilcoxon's signed-rank test (1945,
  "Individual comparisons by ranking methods") over the cycles of all rounds says whether two settings lose alike.
- Where they do not, at the level of 0.01, work over time is compared, stalls and noise included.
- Where no difference is seen, typical calls are compared. A difference in stalls that these cycles cannot show may then
  be missed; `least_seen` tells its size.
- With too few cycles for the test, work over time is compared.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from analysis.statistics.location import location

LEVEL = 0.01

# With fewer, not even losses that all have one sign are significant.
_FEWEST = 9

_ROUNDING = 1e-9


@dataclass(frozen=True)
class RoundRatios:
    """Two settings, round by round."""

    log_ratios: NDArray[np.float64]  # shape: rounds; NaN for a round without a cycle that counts
    by_work: bool  # of work over time; else of typical calls
    stalls: float  # log-ratio of what is left after stalls, over all rounds: -0.4 where 1 s more in 3 is lost
    least_seen: float  # a difference in stalls is seen in 4 of 5 runs if it is so large


def round_ratios(typical: NDArray[np.float64], work: NDArray[np.float64]) -> RoundRatios:
    """Log-ratios of two settings, one a round.

    Both arguments are log-ratios of the slices' speeds (rounds x cycles), of the calls' median and of work over time;
    NaN where a cycle does not count.
    """
    lost = work - typical
    known = lost[~np.isnan(lost)]
    seen = known[np.abs(known) > _ROUNDING]
    by_work = len(seen) > 0 and (len(known) < _FEWEST or _p_signed_rank(seen) < LEVEL)
    log_ratios = location(work if by_work else typical)
    return RoundRatios(log_ratios, by_work, float(location(known)), _least_seen(known))


def _p_signed_rank(values: NDArray[np.float64]) -> float:
    """Two-sided p of "the values lie around 0", by the normal approximation without a correction."""
    ranks = _ranks(np.abs(values))
    return float(2 * ndtr(-abs((np.sign(values) * ranks).sum()) / math.sqrt((ranks**2).sum())))


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """From 1; equal values share their mean rank. SciPy's own takes half a second to import."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    shared: NDArray[np.float64] = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return shared


def _least_seen(lost: NDArray[np.float64]) -> float:
    """The shift that the test finds with a power of 0.8, by the quartiles' spread (a normal law's efficiency)."""
    if len(lost) < _FEWEST:
        return math.inf
    low, high = np.quantile(lost, [0.25, 0.75])
    sd = (high - low) / (2 * ndtri(0.75))
    return float((ndtri(1 - LEVEL / 2) + ndtri(0.8)) * sd * math.sqrt(math.pi / 3 / len(lost)))
