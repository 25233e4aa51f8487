"""Search under a budget: which settings of a cell the next rounds hold.

The first round is a race of all settings (containers.rounds.race), which drops what is clearly slower. Whoever is left
goes on in rounds of fresh launches, one round at a time, because two launches of one setting differ for good: a setting
drops out once it lies behind the best for sure. That ends when no setting that is left can be more than REGRET faster
than the best, or when the budget holds no more than the last step. There the best and the baseline get rounds of their
own, which had no part in the choice: the gain is read off these alone, because the largest of several measured gains
is too large.

Racing is that of Maron and Moore (1994, "Hoeffding races"), with the spread of a block design for bounds. All is a
function of the rounds on file; ties go by the order in the config.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from analysis.decisions.rounds import Rounds
from analysis.statistics.pooled import residual
from workloads.vocabulary.plan import Adaptive, Decision

# How much faster than the best another setting may be when a search ends.
REGRET = 0.01

# Rounds of the winner and the baseline alone, if the budget allows; two are the fewest that show a spread.
CONFIRMING = 5

_SURE = 0.99  # one-sided, that a setting lies behind
_ENOUGH = 0.95  # one-sided, that it is not ahead by more than REGRET

# One round shows no spread between launches. Launches of one setting differ by half a per cent where they differ
# little, and a round's cycles add as much.
_ASSUMED_SD = 0.01


def decide(rounds: Rounds, rule: Adaptive) -> Decision:
    """The rounds that come after those on file: with which settings, and how many of them."""
    candidates = candidates_of(rounds)
    if confirmed(rounds):
        return Decision(rounds.number, 0, [], "the setting that was left had rounds of its own")
    holds = rule.most - rounds.number
    scores = scores_of(rounds, candidates)
    if not np.isfinite(scores).any():
        if holds < 1 or affordable_rounds(rounds, rule.budget_s, len(candidates) + 1) < 1:
            return Decision(rounds.number, 0, [], "no candidate gave a time, and the budget is spent")
        return _next(rounds, candidates, 1, "no candidate gave a time: once more")
    best = candidates[int(np.argmax(scores))]
    front = [row for row in candidates if row == best or not _behind(rounds, candidates, row, best)]
    reason = f"{len(front)} of {len(candidates)} candidates are left"
    if len(front) > 1 and not all(_no_better(rounds, candidates, row, best) for row in front if row != best):
        spared = affordable_rounds(rounds, rule.budget_s, len(front) + 1 + 2 * CONFIRMING)
        if holds > CONFIRMING and spared >= 1:
            return _next(rounds, front, 1, reason)
        reason += ", and the budget holds no more rounds of them"
    elif len(front) > 1:
        reason += f", none of which can be more than {100 * REGRET:g} % faster than the best"
    confirming = min(CONFIRMING, holds, affordable_rounds(rounds, rule.budget_s, 2))
    if confirming < 1:
        return Decision(rounds.number, 0, [], f"{reason}, and the budget is spent")
    return _next(rounds, [best], confirming, f"{reason}; the best gets rounds with the baseline alone")


def _next(rounds: Rounds, rows: list[int], number: int, reason: str) -> Decision:
    return Decision(rounds.number, number, [rounds.settings[row] for row in (*rows, rounds.baseline)], reason)


def candidates_of(rounds: Rounds) -> list[int]:
    """The rows that the last round held to its end, without the baseline's."""
    left = rounds.asked[:, -1] & ~rounds.dropped[:, -1]
    return [int(row) for row in np.flatnonzero(left) if row != rounds.baseline]


def confirmed(rounds: Rounds) -> bool:
    """Whether the last round held one setting and the baseline alone."""
    return int(rounds.asked[:, -1].sum()) == 2


def scores_of(rounds: Rounds, rows: list[int]) -> NDArray[np.float64]:
    """The mean log-ratio of each row over all rounds; -inf for one that never counted."""
    ratios = rounds.log_ratios[rows]
    pairs = (~np.isnan(ratios)).sum(axis=1)
    return np.where(pairs > 0, np.nansum(ratios, axis=1) / np.maximum(pairs, 1), -np.inf)


def affordable_rounds(rounds: Rounds, budget_s: float | None, launches: int) -> int:
    """How many rounds of so many launches the budget holds yet."""
    if budget_s is None or rounds.spent_s == 0:
        return 1_000_000
    return max(0, math.floor((budget_s - rounds.spent_s) / (launches * rounds.launch_s)))


def _behind(rounds: Rounds, candidates: list[int], row: int, best: int) -> bool:
    lead, error, freedom = _lead(rounds, candidates, best, row)
    return lead - error * float(stdtrit(freedom, _SURE)) > 0


def _no_better(rounds: Rounds, candidates: list[int], row: int, best: int) -> bool:
    lead, error, freedom = _lead(rounds, candidates, best, row)
    return lead - error * float(stdtrit(freedom, _ENOUGH)) >= -math.log1p(REGRET)


def _lead(rounds: Rounds, candidates: list[int], best: int, row: int) -> tuple[float, float, float]:
    """By how much `best` is faster, the error of that, and its degrees of freedom; infinite for one without a time."""
    leads = rounds.log_ratios[best] - rounds.log_ratios[row]
    leads = leads[~np.isnan(leads)]
    if not len(leads):
        return math.inf, 1.0, math.inf
    square, freedom = residual(rounds.log_ratios[[*candidates, rounds.baseline]])
    sd, degrees = (math.sqrt(square), float(freedom)) if freedom else (_ASSUMED_SD, math.inf)
    return float(leads.mean()), sd * math.sqrt(2 / len(leads)), degrees
