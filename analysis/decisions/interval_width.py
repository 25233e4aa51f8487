"""Rounds until intervals are narrow: whether a cell's intervals are narrow enough, or which rounds come next.

A cell goes on until the 95 % interval of each of its comparisons is no wider than `target` to either side of its
middle. An interval that is stopped at when it happens to be narrow covers the truth less often than it says (Chow and
Robbins 1965, "On the asymptotic theory of fixed-width sequential confidence intervals for the mean"). An error that
all settings share is known well from three rounds on, and little is lost. One of a setting alone, which three rounds
give a Student's interval of 4.3 standard errors, has to be narrow twice in a row: over all rounds, and over all but the
last two. So simulated, intervals cover in 93 of 100 cells (tests/unit/analysis/decisions/test_interval_width.py).

Rounds are spent only where they help. At the spread seen so far, a comparison may take more of them than the cell may
still have; it is left as it is, and the decision says so.

The decision is a function of the rounds alone. A comparison that cannot be made, because its launches fail, is not
waited for.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from analysis.decisions.rounds import Rounds
from analysis.statistics.log_mean import LogMean
from analysis.statistics.pooled import pooled_means
from workloads.vocabulary.plan import LOOK_EVERY, Adaptive, Decision

_LEVEL = 0.975  # two-sided 95 %


def half_width(mean: LogMean | None, pairs: int, growth: float = 1.0) -> float:
    """Half the width of a comparison's 95 % interval, on the scale of logarithms; infinite for one pair or none.

    `growth`: what it would be with so many times the rounds, at the same spread.
    """
    if mean is None:
        return math.inf if pairs < 2 else 0.0
    # A round more adds to the degrees of freedom what a round gave so far, roughly.
    return float(stdtrit(mean.freedom * growth, _LEVEL)) * mean.error / math.sqrt(growth)


def wide(log_ratios: NDArray[np.float64], target: float) -> NDArray[np.bool_]:
    """Which comparisons need more rounds (shape: comparisons). A comparison without any pair needs none.

    `log_ratios` are comparisons x rounds, NaN where a round has no pair.
    """
    bound = math.log1p(target)
    earlier = log_ratios[:, : max(0, log_ratios.shape[1] - LOOK_EVERY)]
    narrow = [width <= bound for width in _half_widths(log_ratios)]
    was_narrow = [width <= bound for width in _half_widths(earlier)]
    needed = [
        bool(pairs) and not (now and (_shared(mean, pairs) or before))
        for mean, pairs, now, before in zip(
            pooled_means(log_ratios), _pairs(log_ratios), narrow, was_narrow, strict=True
        )
    ]
    return np.array(needed, dtype=bool)


def reachable(log_ratios: NDArray[np.float64], target: float, more: int) -> NDArray[np.bool_]:
    """Which comparisons `more` rounds bring within the target, at the spread seen so far (shape: comparisons)."""
    bound, growth = math.log1p(target), 1 + more / log_ratios.shape[1]
    both = zip(pooled_means(log_ratios), _pairs(log_ratios), strict=True)
    # One pair shows no spread, so that a second one is worth its while.
    return np.array([pairs == 1 or half_width(mean, pairs, growth) <= bound for mean, pairs in both], dtype=bool)


def _half_widths(log_ratios: NDArray[np.float64]) -> list[float]:
    both = zip(pooled_means(log_ratios), _pairs(log_ratios), strict=True)
    return [half_width(mean, pairs) for mean, pairs in both]


def _pairs(log_ratios: NDArray[np.float64]) -> list[int]:
    return [int(count) for count in (~np.isnan(log_ratios)).sum(axis=1)]


def _shared(mean: LogMean | None, pairs: int) -> bool:
    """Whether the error is that of all settings."""
    return mean is not None and mean.freedom > pairs - 1


def decide(rounds: Rounds, rule: Adaptive) -> Decision:
    """What follows the rounds on file: the next ones, of all settings, or none."""
    assert rule.target is not None  # a rule of this kind has one
    after, comparisons = rounds.number, np.delete(rounds.log_ratios, rounds.baseline, axis=0)
    within = f"within ± {100 * rule.target:g} %"
    more = max(0, min(rule.most - after, affordable(rounds, rule.budget_s)))
    needed = wide(comparisons, rule.target)
    if not needed.any():
        return Decision(after, 0, [], f"every interval is {within}")
    reason = f"{needed.sum()} of {len(comparisons)} intervals are not {within}"
    if more < 1:
        return Decision(after, 0, [], f"{reason}, and the budget is spent")
    helped = needed & reachable(comparisons, rule.target, more)
    if not helped.any():
        return Decision(after, 0, [], f"{reason}, and {more} more rounds would not bring them there at this spread")
    if beyond := int((needed & ~helped).sum()):
        reason += f"; {beyond} of them would take more than the {more} rounds that are left"
    return Decision(after, min(rule.step, more), rounds.settings, reason)


def affordable(rounds: Rounds, budget_s: float | None) -> int:
    """How many more rounds like those on file the budget holds."""
    if budget_s is None or rounds.spent_s == 0:
        return 1_000_000
    return max(0, math.floor((budget_s - rounds.spent_s) / (rounds.spent_s / rounds.number)))
