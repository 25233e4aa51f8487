"""What choosing the best setting gains, on rounds that had no part in the choice.

The largest of several measured gains is too large: it was chosen for its luck as well. So the rounds are cut into two
halves at random; the best setting is chosen on one and its gain read off the other, over many cuts (cross-fitting;
Chernozhukov et al. 2018, "Double/debiased machine learning", on averaging over the cuts). A round's gain is its mean
over the cuts that held it out, so that the launch, one a round, stays the unit, however many cuts there are.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analysis.comparisons.pairs import UndecidedError, mean_of
from analysis.statistics.log_mean import LogMean

# One to choose and two to look at, or the other way round: a round's gain is one number, and a spread takes two.
_FEWEST_ROUNDS = 3
_CUTS = 500
_SEED = 20261122


@dataclass(frozen=True)
class Regret:
    """What leaving a default costs or gains."""

    gain: LogMean  # of the chosen setting over the default, on rounds held out
    best: int  # the setting with the largest mean over all rounds


def regret(log_ratios: NDArray[np.float64], words: str) -> Regret:
    """The cross-fitted gain (log_ratios: settings x rounds, each setting's speed over the default's).

    Raises UndecidedError for fewer than three rounds, or where the gain is the same in each.
    """
    gains = held_out_gains(log_ratios, words)
    return Regret(mean_of(gains, words), int(np.nanmean(log_ratios, axis=1).argmax()))


def held_out_gains(log_ratios: NDArray[np.float64], words: str) -> NDArray[np.float64]:
    """For each round the gain of the settings that the other half of the rounds chose (shape: at most rounds).

    NaN where a setting does not count in a round; a round in which no chosen setting counts has no gain.
    """
    rounds = log_ratios.shape[1]
    if rounds < _FEWEST_ROUNDS:
        raise UndecidedError(f"{words}: {rounds} rounds are too few to choose on one half and look on the other")
    choosing = _choosing(rounds)
    seen = ~np.isnan(log_ratios)
    filled = np.where(seen, log_ratios, 0.0)
    counts = seen.astype(float) @ choosing.T
    means = np.where(counts > 0, filled @ choosing.T / np.maximum(counts, 1), -np.inf)
    best = means.argmax(axis=0)
    total, times = (filled[best] * ~choosing).sum(axis=0), (seen[best] & ~choosing).sum(axis=0)
    known = times > 0
    gains: NDArray[np.float64] = total[known] / times[known]
    return gains


@lru_cache
def _choosing(rounds: int) -> NDArray[np.bool_]:
    """The rounds that choose in each cut (cuts x rounds), and then the other halves; the rest is held out."""
    random = np.random.default_rng(_SEED)
    first = np.zeros((_CUTS, rounds), dtype=bool)
    for cut in first:
        cut[random.permutation(rounds)[: rounds // 2]] = True
    return np.concatenate([first, ~first])
