"""What the searches of a plan came to."""

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtr

from analysis.decisions.rounds import Rounds, rounds_of
from analysis.decisions.search import candidates_of, confirmed, scores_of
from analysis.margin import MARGIN
from analysis.statistics.log_mean import log_mean
from analysis.tables.columns import Definition, SweepName, Told, WorkloadName
from analysis.tables.tables import RowTable
from workloads.vocabulary.plan import AdaptiveBy, Cell, Plan


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
    results = []
    for cell in plan.cells:
        if cell.adaptive is not None and cell.adaptive.by is AdaptiveBy.SEARCH:
            of_cell = launches[(launches["definition"] == cell.definition) & (launches["workload"] == cell.workload)]
            of_cell = of_cell[of_cell["sweep"] == cell.sweep]
            if not of_cell.empty:
                results.append(result(cell, rounds_of(cell, of_cell, int(of_cell["round"].max()))))
    return results


def result(cell: Cell, rounds: Rounds) -> SearchResult:
    """What the rounds on file of a search say."""
    assert cell.adaptive is not None  # only such a cell is searched
    candidates = candidates_of(rounds)
    winner = candidates[int(np.argmax(scores_of(rounds, candidates)))]
    fresh = _fresh(rounds, winner) if confirmed(rounds) else np.array([])
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


def _fresh(rounds: Rounds, winner: int) -> NDArray[np.float64]:
    """The winner's log-ratios in the rounds that held nothing but it and the baseline."""
    alone = rounds.asked.sum(axis=0) == 2
    ratios = rounds.log_ratios[winner, alone]
    counted: NDArray[np.float64] = ratios[~np.isnan(ratios)]
    return counted
