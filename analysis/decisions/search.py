"""Search under a budget: which settings of a cell the next rounds hold, and what came of it.

Successive halving (Karnin, Koren and Somekh 2013, "Almost optimal exploration in multi-armed bandits"; thirds instead
of halves) on paired rounds: after a round of all settings the best third goes on, for as many rounds as its part of the
budget holds, and so on until one is left. That one and the baseline then get rounds of their own, which had no part in
the choice: the gain is read off these alone, because the largest of several measured gains is too large.

All is a function of the rounds on file: settings are ranked by their mean log-ratio to the baseline over all rounds so
far, ties by the order in the config, and the rounds' orders come from the config's seed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtr

from analysis.decisions.rounds import Rounds, rounds_of
from analysis.margin import MARGIN
from analysis.statistics.log_mean import log_mean
from analysis.tables.columns import Definition, SweepName, Told, WorkloadName
from analysis.tables.tables import RowTable
from workloads.vocabulary.plan import Adaptive, Cell, Decision, Plan

# One in so many goes on.
KEPT = 3

# Rounds of the winner and the baseline alone, if the budget allows.
CONFIRMING = 5


def rungs(candidates: int) -> list[int]:
    """How many go on after each rung, from so many: 23 gives 8, 3, 1."""
    sizes = []
    while candidates > 1:
        candidates = math.ceil(candidates / KEPT)
        sizes.append(candidates)
    return sizes


def decide(rounds: Rounds, rule: Adaptive) -> Decision:
    """The rounds that come after those on file: with which settings, and how many of them."""
    after, baseline, most = rounds.number, rounds.baseline, rule.most
    candidates = _candidates(rounds)
    if _confirmed(rounds):
        return Decision(after, 0, [], "the setting that was left had rounds of its own")
    left = _launches_left(rounds, rule.budget_s)
    scores = _scores(rounds, candidates)
    if not np.isfinite(scores).any():
        if left < len(candidates) + 1 or after >= most:
            return Decision(after, 0, [], "no candidate gave a time, and the budget is spent")
        again = [rounds.settings[row] for row in (*candidates, baseline)]
        return Decision(after, 1, again, "no candidate gave a time: once more")
    sizes = rungs(len(candidates))
    best = candidates[np.argsort(-scores, kind="stable")[: sizes[0]]]
    if sizes[0] == 1:
        coming = min(CONFIRMING, most - after, left // 2)
        reason = "one candidate is left, and gets rounds with the baseline alone"
    else:
        spare = most - after - CONFIRMING
        share = (left - 2 * CONFIRMING) // (len(sizes) - 1)
        coming = min(max(1, min(share // (sizes[0] + 1), spare // (len(sizes) - 1))), most - after)
        coming = coming if coming * (sizes[0] + 1) <= left else 0
        reason = f"{sizes[0]} of {len(candidates)} candidates go on"
    if coming < 1:
        return Decision(after, 0, [], f"{reason}, and the budget is spent")
    return Decision(after, coming, [rounds.settings[row] for row in (*best, baseline)], reason)


@dataclass(frozen=True)
class SearchResult:
    """What a search came to; ratios are of work a second, over the baseline's."""

    sweep: SweepName
    workload: WorkloadName
    definition: Definition
    setting: Annotated[str, Told("identity of the best setting: the baseline's where no other is faster")]
    label: Annotated[str, Told("that setting as knob=value")]
    left: Annotated[str, Told("identity of the setting that was left, whether it is the best or not")]
    left_label: Annotated[str, Told("that setting as knob=value")]
    confirming: Annotated[int, Told("rounds that had no part in the choice", "1")]
    gain: Annotated[float | None, Told("speed of the setting that was left, on those rounds", "1")]
    low: Annotated[float | None, Told("lower bound of its 95 % interval", "1")]
    high: Annotated[float | None, Told("upper bound", "1")]
    near_best: Annotated[
        float | None, Told("at least so probable: no measured setting is faster by more than the margin", "1")
    ]
    launches: Annotated[int, Told("launches that were asked for", "1")]
    share: Annotated[float, Told("of what all settings in all rounds would have been", "1")]


SEARCHES = RowTable("searches", SearchResult, "analysis.recommendations.recommend")


def searches(plan: Plan, launches: pd.DataFrame) -> list[SearchResult]:
    """What the plan's searches came to, as far as there are launches."""
    found = []
    for cell in plan.cells:
        if cell.adaptive is not None and cell.adaptive.by == "search":
            ours = launches[(launches["definition"] == cell.definition) & (launches["workload"] == cell.workload)]
            ours = ours[ours["sweep"] == cell.sweep]
            if not ours.empty:
                found.append(result(cell, rounds_of(cell, ours, int(ours["round"].max()))))
    return found


def result(cell: Cell, rounds: Rounds) -> SearchResult:
    """What the rounds on file of a search say."""
    assert cell.adaptive is not None  # only such a cell is searched
    candidates = _candidates(rounds)
    scores = _scores(rounds, candidates)
    winner = int(candidates[int(np.argmax(scores))])
    fresh = _fresh(rounds, winner) if _confirmed(rounds) else np.array([])
    mean = log_mean(fresh)
    gain = float(np.exp(fresh.mean())) if len(fresh) else None
    best = rounds.baseline if gain is not None and gain <= 1 else winner
    low, high = mean.interval if mean else (None, None)
    launches = int(rounds.asked.sum())
    return SearchResult(
        sweep=cell.sweep,
        workload=cell.workload,
        definition=cell.definition,
        setting=cell.settings[best].id,
        label=cell.settings[best].label,
        left=cell.settings[winner].id,
        left_label=cell.settings[winner].label,
        confirming=len(fresh),
        gain=gain,
        low=low,
        high=high,
        near_best=near_best(rounds, best),
        launches=launches,
        share=launches / (len(cell.settings) * cell.adaptive.most),
    )


def near_best(rounds: Rounds, chosen: int) -> float | None:
    """How probable it is, at least, that no measured setting is more than MARGIN faster than the row `chosen`.

    Each setting's lead over the chosen one, in the rounds that held both, with the spread that all of them share and
    Student's distribution. The product over the settings takes their errors as independent; they share the chosen
    one's, so that the truth is more probable (Slepian 1962). None where no setting shares two rounds with it.
    """
    leads = np.delete(rounds.log_ratios - rounds.log_ratios[chosen], chosen, axis=0)
    counts = (~np.isnan(leads)).sum(axis=1)
    known = leads[counts > 0]
    counts = counts[counts > 0]
    freedom = int((counts - 1).sum())
    if freedom < 1:
        return None
    means = np.nanmean(known, axis=1)
    spread = math.sqrt(float(np.nansum((known - means[:, np.newaxis]) ** 2)) / freedom)
    if spread == 0:
        return float((means <= math.log1p(MARGIN)).all())
    return float(np.prod(stdtr(freedom, (math.log1p(MARGIN) - means) / (spread / np.sqrt(counts)))))


def _candidates(rounds: Rounds) -> NDArray[np.intp]:
    """The rows that the last round held, without the baseline's."""
    rows = np.flatnonzero(rounds.asked[:, -1])
    candidates: NDArray[np.intp] = rows[rows != rounds.baseline]
    return candidates


def _confirmed(rounds: Rounds) -> bool:
    return len(_candidates(rounds)) == 1


def _fresh(rounds: Rounds, winner: int) -> NDArray[np.float64]:
    """The winner's log-ratios in the rounds that held nothing but it and the baseline."""
    alone = rounds.asked.sum(axis=0) == 2
    ratios = rounds.log_ratios[winner, alone]
    counted: NDArray[np.float64] = ratios[~np.isnan(ratios)]
    return counted


def _scores(rounds: Rounds, candidates: NDArray[np.intp]) -> NDArray[np.float64]:
    """Each candidate's mean log-ratio over all rounds; -inf for one that never counted."""
    ratios = rounds.log_ratios[candidates]
    pairs = (~np.isnan(ratios)).sum(axis=1)
    return np.where(pairs > 0, np.nansum(ratios, axis=1) / np.maximum(pairs, 1), -np.inf)


def _launches_left(rounds: Rounds, budget_s: float | None) -> int:
    """How many more launches the budget holds, by what those on file took."""
    if budget_s is None or rounds.spent_s == 0:
        return 1_000_000
    return max(0, math.floor((budget_s - rounds.spent_s) / (rounds.spent_s / int(rounds.asked.sum()))))
