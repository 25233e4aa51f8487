"""Rounds until precise: whether a cell's intervals are narrow enough, or which rounds come next.

A cell goes on until the 95 % interval of each of its comparisons is no wider than `target` to either side of its
middle. An interval that is stopped at when it happens to be narrow covers the truth less often than it says (Chow and
Robbins 1965, "On the asymptotic theory of fixed-width sequential confidence intervals for the mean"): in simulations
with the noise of a shared machine (docs/method.md#noise-of-a-shared-machine), stopping at the first narrow interval
after five rounds covered in 92 %, not 95 %. Two things keep it above 93 %
(tests/unit/analysis/decisions/test_precision.py): it is looked at only every third round, and it must be narrow twice
in a row, over all rounds and over all but the last three.

The decision is a function of the rounds alone. A comparison that cannot be made, because its launches fail, is not
waited for.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from analysis.decisions.rounds import Rounds
from workloads.vocabulary.plan import Adaptive, Decision

# Rounds between two looks that were simulated; containers.plan.make plans no others.
LOOK_EVERY = 3

_LEVEL = 0.975  # two-sided 95 %


def half_widths(log_ratios: NDArray[np.float64]) -> NDArray[np.float64]:
    """Half the width of each comparison's 95 % interval, on the scale of logarithms (shape: comparisons).

    `log_ratios` are comparisons x rounds, NaN where a round has no pair. Infinite for one pair, NaN for none.
    """
    seen = ~np.isnan(log_ratios)
    pairs = seen.sum(axis=1)
    filled = np.where(seen, log_ratios, 0.0)
    means = filled.sum(axis=1) / np.maximum(pairs, 1)
    squares = (np.where(seen, log_ratios - means[:, np.newaxis], 0.0) ** 2).sum(axis=1)
    freedom = np.maximum(pairs - 1, 1)
    widths = stdtrit(freedom, _LEVEL) * np.sqrt(squares / freedom / np.maximum(pairs, 1))
    return np.where(pairs == 0, np.nan, np.where(pairs == 1, np.inf, widths))


def wide(log_ratios: NDArray[np.float64], target: float, step: int = LOOK_EVERY) -> NDArray[np.bool_]:
    """Which comparisons need more rounds (shape: comparisons): their interval is or was wider than `target`.

    Was: without the last `step` rounds. A comparison without any pair needs none: more would not help it.
    """
    now, before = half_widths(log_ratios), half_widths(log_ratios[:, : max(0, log_ratios.shape[1] - step)])
    bound = math.log1p(target)
    needed: NDArray[np.bool_] = ~np.isnan(now) & ~((now <= bound) & (before <= bound))
    return needed


def decide(rounds: Rounds, rule: Adaptive) -> Decision:
    """What follows the rounds on file: the next ones, of all settings, or none."""
    assert rule.target is not None  # a rule of precision has one
    after, comparisons = rounds.number, np.delete(rounds.log_ratios, rounds.baseline, axis=0)
    short = int(wide(comparisons, rule.target, rule.step).sum())
    within = f"within ± {100 * rule.target:g} %"
    if not short:
        return Decision(after, 0, [], f"every interval is {within}, and was so at the look before")
    coming = min(rule.step, rule.most - after, affordable(rounds, rule.budget_s))
    reason = f"{short} of {len(comparisons)} intervals are not {within} for two looks in a row"
    if coming < 1:
        return Decision(after, 0, [], f"{reason}, and the budget is spent")
    return Decision(after, coming, rounds.settings, reason)


def affordable(rounds: Rounds, budget_s: float | None) -> int:
    """How many more rounds like those on file the budget holds."""
    if budget_s is None or rounds.spent_s == 0:
        return 1_000_000
    return max(0, math.floor((budget_s - rounds.spent_s) / (rounds.spent_s / rounds.number)))
