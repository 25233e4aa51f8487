"""The tests of claims: each gives a p for the claim and a p against it, with the effect behind them.

All work on log-ratios of work a second, paired within rounds, by Student's distribution. "Faster" means by the margin
or more: a ratio above 1 + margin supports it (tested two-sided, as the 95 % interval is), one below refutes it (one-
sided), so that slower, equivalent and anything between the two count against the claim, and no ratio counts for both
sides. Equivalence is shown by two one-sided tests (Schuirmann 1987).

What is paired with what:

ratio, equivalence  setting and against in one round; one value a round
interaction         in one cell: the difference of both log-ratios within each round, since they share launches; in two
                    cells: two independent means, with the degrees of freedom of Welch and Satterthwaite
ordered             the slope of log speed over the list's ranks within each round; of the list, those settings that the
                    sweep has
regret              see analysis.comparisons.regret
rank reversal       a mean for each place that was measured; the p of the smallest is multiplied by their number
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TypeVar

import numpy as np
import pandas as pd

from analysis.claims.config import (
    AuditTest,
    Contrast,
    EquivalenceTest,
    Expected,
    InteractionTest,
    OrderedTest,
    RankReversalTest,
    RatioTest,
    RegretTest,
    Test,
)
from analysis.claims.evidence import cell_of, fact, pairs, setting_of
from analysis.comparisons.pairs import Evidence, NotTestableError, Pairs, UndecidedError, mean_of, pairs_of
from analysis.comparisons.regret import regret
from analysis.statistics.log_mean import LogMean
from analysis.statistics.welch import welch
from analysis.wording import interval, ratio
from workloads.vocabulary.plan import Cell

Wanted = TypeVar("Wanted")
Found = TypeVar("Found")


@dataclass(frozen=True)
class Outcome:
    """What one test says."""

    p_for: float | None  # None: decided without chance, by an audit
    p_against: float | None
    words: str
    places: tuple[str, ...] = ()  # SWEEP/WORKLOAD
    directories: tuple[str, ...] = ()  # where those cells' records lie
    measure: str = ""  # what the effect is a number of
    effect: float | None = None
    low: float | None = None  # 95 % interval, for this test alone
    high: float | None = None
    holds: bool | None = None  # of an audit: whether it is as the claim says


def run_test(test: Test, evidence: Evidence) -> Outcome:
    """Raises NotTestableError or UndecidedError with the reason why the test says nothing."""
    match test:
        case RatioTest():
            return _ratio(test, evidence)
        case EquivalenceTest():
            found = pairs(evidence, test)
            return _outcome(found.mean, _equivalence(found.mean, test.margin), "speed-up", found.words, [found.cell])
        case InteractionTest():
            return _interaction(test, evidence)
        case OrderedTest():
            return _ordered(test, evidence)
        case RegretTest():
            return _regret(test, evidence)
        case RankReversalTest():
            return _rank_reversal(test, evidence)
        case AuditTest():
            return _audit(test, evidence)


def directed(mean: LogMean, expect: Expected, margin: float) -> tuple[float, float]:
    """The p for and against "the ratio is above 1 by the margin", below 1 by it, or either of the two."""
    bound = math.log1p(margin)
    if expect == "different":
        return _equivalence(mean, margin)[::-1]
    if expect == "faster":
        return _two_sided(mean.p_above(bound)), mean.p_below(bound)
    return _two_sided(mean.p_below(-bound)), mean.p_above(-bound)


def _equivalence(mean: LogMean, margin: float) -> tuple[float, float]:
    """The p for and against "the ratio lies within the margin of 1"."""
    bound = math.log1p(margin)
    return mean.p_equivalence(margin), _two_sided(min(mean.p_above(bound), mean.p_below(-bound)))


def _two_sided(p: float) -> float:
    return min(1.0, 2 * p)


def _outcome(mean: LogMean, p: tuple[float, float], measure: str, words: str, cells: list[Cell]) -> Outcome:
    low, high = mean.interval
    return Outcome(
        *p,
        words=f"{words}: {_told(mean)}",
        places=tuple(dict.fromkeys(f"{cell.sweep}/{cell.workload}" for cell in cells)),
        directories=tuple(dict.fromkeys(cell.directory for cell in cells)),
        measure=measure,
        effect=mean.ratio,
        low=low,
        high=high,
    )


def _told(mean: LogMean) -> str:
    return f"{ratio(mean.ratio)} (95 % interval {interval(*mean.interval)})"


def _ratio(test: RatioTest, evidence: Evidence) -> Outcome:
    found = pairs(evidence, test)
    words = found.words + (f"; {_crossing(test, evidence)}; at the largest" if test.crossing else "")
    p = directed(found.mean, test.expect, test.margin)
    return _outcome(found.mean, p, "speed-up", words, [found.cell])


def _crossing(test: RatioTest, evidence: Evidence) -> str:
    """The size from which on the interval lies above 1, told for the sizes that could be tested."""
    assert test.crossing is not None
    param, above, tested = test.crossing.param, None, []
    for workload in test.crossing.workloads:
        contrast = Contrast(sweep=test.sweep, workload=workload, setting=test.setting, against=test.against)
        try:
            found = pairs(evidence, contrast)
            low = found.mean.interval[0]
        except (NotTestableError, UndecidedError):
            continue
        size = str(found.cell.params.get(param, workload))
        tested.append(size)
        if above is None and low > 1:
            above = size
    sizes = f"of {param} = {', '.join(tested)}"
    return f"{sizes} the first interval above 1 is at {above}" if above else f"{sizes} no interval lies above 1"


def _interaction(test: InteractionTest, evidence: Evidence) -> Outcome:
    first, second = pairs(evidence, test.first), pairs(evidence, test.second)
    words = f"{first.words} ({ratio(first.mean.ratio)}); {second.words} ({ratio(second.mean.ratio)})"
    cells = [first.cell, second.cell]
    if first.cell == second.cell:
        difference = (first.log_ratios - second.log_ratios).dropna().to_numpy(dtype=float)
        if not len(difference):
            raise NotTestableError(f"{words}: no round has all of them")
        mean = mean_of(difference, words)
    else:
        mean = welch(first.mean, second.mean)
    words = f"{words}; the first speed-up over the second"
    return _outcome(mean, directed(mean, "faster", test.margin), "ratio of two speed-ups", words, cells)


def _ordered(test: OrderedTest, evidence: Evidence) -> Outcome:
    cell = cell_of(evidence, test.sweep, test.workload)
    found, missing = _at_least_two(test.settings, lambda wanted: setting_of(cell, wanted))
    settings = list(found.values())
    steps = [pairs_of(evidence, cell, fast, settings[0]) for fast in settings[1:]]
    # Of logarithms only differences from the first setting are known: its own is 0 in every round.
    ratios = np.array(_common_rounds(steps))
    speeds = np.vstack([np.zeros(ratios.shape[1]), ratios])
    ranks = np.array(list(found)) - fmean(found)
    told = ", ".join(f"{one.label} at {ratio(math.exp(row.mean()))}" for one, row in zip(settings, speeds, strict=True))
    words = f"speeds on {cell.workload}: {told}{missing}; a step"
    mean = mean_of(ranks @ speeds / (ranks @ ranks), words)
    return _outcome(mean, directed(mean, "faster", test.margin), "speed-up of a step", words, [cell])


def _at_least_two(wanted: Sequence[Wanted], find: Callable[[Wanted], Found]) -> tuple[dict[int, Found], str]:
    """Those of a list that are there, by their places in it, and what is missing, as the end of a sentence.

    Raises NotTestableError if there are not two.
    """
    found, missing = {}, []
    for place, one in enumerate(wanted):
        try:
            found[place] = find(one)
        except NotTestableError as reason:
            missing.append(str(reason))
    if len(found) < 2:
        raise NotTestableError("; ".join(missing))
    return found, "".join(f"; {reason}" for reason in missing)


def _common_rounds(several: list[Pairs]) -> list[np.ndarray]:
    rounds = several[0].log_ratios.index
    for one in several[1:]:
        rounds = rounds.intersection(one.log_ratios.index)
    if not len(rounds):
        raise NotTestableError(f"{several[0].words}: no round has all the settings")
    return [one.log_ratios.loc[rounds].to_numpy(dtype=float) for one in several]


def _regret(test: RegretTest, evidence: Evidence) -> Outcome:
    cell = cell_of(evidence, test.sweep, test.workload)
    default = setting_of(cell, test.setting)
    others: dict[str, Pairs] = {}
    for setting in cell.settings:
        try:
            if setting.id != default.id:
                others[setting.label] = pairs_of(evidence, cell, setting, default)
        except NotTestableError:
            continue  # a setting that does not run cannot be the best one
    if not others:
        raise NotTestableError(f"nothing on {cell.workload} can be compared with {default.label}")
    # Settings x rounds; NaN where one does not count in a round.
    matrix = pd.DataFrame({label: one.log_ratios for label, one in others.items()}).T.to_numpy(dtype=float)
    found = regret(matrix, f"on {cell.workload}, the best of {len(others)} settings against {default.label}")
    bound = math.log1p(test.margin)
    best = list(others)[found.best]
    p_for = _two_sided(found.gain.p_above(bound))
    # Against it: not one of the settings gains as much as the margin.
    p_against = max(one.mean.p_below(bound) for one in others.values())
    words = f"on {cell.workload}, {best}, the best of {len(others)}, against {default.label}, cross-fitted"
    return _outcome(found.gain, (p_for, p_against), "cross-fitted speed-up", words, [cell])


def _rank_reversal(test: RankReversalTest, evidence: Evidence) -> Outcome:
    contrasts = [
        Contrast(sweep=one.sweep, workload=one.workload, setting=test.setting, against=test.against)
        for one in test.places
    ]
    there, missing = _at_least_two(contrasts, lambda one: pairs(evidence, one))
    found = list(there.values())
    means = [one.mean for one in found]
    largest, smallest = extremes(means)
    p_for, p_against = reversed_order(means, test.margin)
    # The order may turn in a place that was not seen.
    p = (p_for, 1.0 if missing else p_against)
    other = f"{found[smallest].words} ({found[smallest].cell.sweep}): {_told(means[smallest])}"
    words = f"{other}{missing}; {found[largest].words} ({found[largest].cell.sweep})"
    return _outcome(means[largest], p, "speed-up where it is largest", words, [one.cell for one in found])


def extremes(means: list[LogMean]) -> tuple[int, int]:
    """Where the ratio lies the most standard errors above 1, and where below."""
    order = sorted(range(len(means)), key=lambda index: means[index].mean / means[index].error)
    return order[-1], order[0]


def reversed_order(means: list[LogMean], margin: float) -> tuple[float, float]:
    """The p for and against "of these ratios one is above 1 and another below, each by the margin"."""
    largest, smallest = extremes(means)
    bound = math.log1p(margin)
    above, below = _two_sided(means[largest].p_above(bound)), _two_sided(means[smallest].p_below(-bound))
    p_for = min(1.0, len(means) * max(above, below))
    same_order = min(max(one.p_below(bound) for one in means), max(one.p_above(-bound) for one in means))
    return p_for, _two_sided(same_order)


def _audit(test: AuditTest, evidence: Evidence) -> Outcome:
    image = test.image or evidence.plan.default_image
    found = fact(evidence, image, test.fact)
    if found.holds is None:
        raise NotTestableError(f"the audit could not decide {test.fact} ({found.evidence})")
    words = f"{found.statement.rstrip('.')}: {'yes' if found.holds else 'no'} ({found.evidence.rstrip('.')})"
    return Outcome(None, None, words, (f"audit of image {image}: {test.fact}",), holds=found.holds == test.holds)
