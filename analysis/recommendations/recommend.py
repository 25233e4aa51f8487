"""Which setting to run with in place of TensorFlow's defaults, and what that gains on rounds that did not choose it.

A cell is asked only where its baseline leaves every knob at its default. The setting with the largest mean over all
rounds is recommended if its gain, chosen on one half of the rounds and read off the other
(analysis.comparisons.regret), has a 95 % interval above 1.02; else the defaults are: less than 2 % is no reason to
set anything (analysis.margin.MARGIN). Where a negative control of the sweep is called a larger difference than that,
the interval must lie above the control's. What the audit calls inert is left out of what is recommended.

    python -m analysis.recommendations.recommend --results results/MACHINE
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from analysis.comparisons.comparison import COMPARISONS, Comparison, of_first_metric
from analysis.comparisons.metrics import first_metric
from analysis.comparisons.negative_controls import (
    Control,
    KnobSet,
    false_differences,
    inert_values,
    negative_controls,
)
from analysis.comparisons.pairs import NotTestableError, UndecidedError, mean_of
from analysis.comparisons.regret import held_out_gains
from analysis.comparisons.valid_launches import counting
from analysis.decisions.search_result import SEARCHES, SearchResult, searches
from analysis.margin import MARGIN
from analysis.recommendations.bounds import Held, Judged, judge, told
from analysis.recommendations.names import FOLDER, asked, stem
from analysis.recommendations.overview import OVERVIEW, overview
from analysis.recommendations.recommendation_row import RECOMMENDATIONS, RecommendationRow
from analysis.recommendations.usable import Usable
from analysis.records.folder import read_audits, read_machine, read_plan
from analysis.tables.tables import read_launches, read_samples
from analysis.wording import interval, ratio
from workloads.vocabulary.command_line import stage
from workloads.vocabulary.documents import write_text
from workloads.vocabulary.plan import AdaptiveBy, Cell, Plan, baseline_of, image_of
from workloads.vocabulary.record import Setting, written

_HELD_OUT = "rounds that did not choose it"


@dataclass(frozen=True)
class Recommendation:
    """What to run a cell's workload with."""

    cell: Cell
    setting: Setting  # the baseline where no other is shown to be better
    gain: float | None  # over the defaults, on rounds that had no part in the choice; None where it cannot be said
    low: float | None  # 95 % interval
    high: float | None
    regret: float | None  # the best measured setting's speed over the recommended one's; 1: it is the best
    rounds: int  # in which every setting counts
    words: str
    none_holds: bool = False  # no setting is known to hold the bounds
    rival: Setting | None = None  # where the defaults stay: the best of the others, if it is faster on average
    rival_gain: float | None = None  # as gain, low and high
    rival_low: float | None = None
    rival_high: float | None = None

    @property
    def stays(self) -> bool:
        """Whether the defaults are recommended."""
        return self.setting.id == self.cell.baseline


def recommended(recommendation: Recommendation) -> RecommendationRow:
    """A recommendation as a row."""
    return RecommendationRow(
        sweep=recommendation.cell.sweep,
        workload=recommendation.cell.workload,
        definition=recommendation.cell.definition,
        setting=recommendation.setting.id,
        label=recommendation.setting.label,
        stays=recommendation.stays,
        gain=recommendation.gain,
        low=recommendation.low,
        high=recommendation.high,
        regret=recommendation.regret,
        rival=recommendation.rival.label if recommendation.rival else "",
        rival_gain=recommendation.rival_gain,
        rival_low=recommendation.rival_low,
        rival_high=recommendation.rival_high,
        rounds=recommendation.rounds,
        rounds_planned=recommendation.cell.rounds,
        bounds=told(recommendation.cell.bounds) if recommendation.cell.bounds else "",
        none_holds=recommendation.none_holds,
        words=recommendation.words,
        file=f"{FOLDER}/{stem(recommendation.cell)}.env",
        directory=recommendation.cell.directory,
    )


def _better(cell: Cell) -> str:
    return first_metric(cell).better.value


def recommendations(
    plan: Plan,
    compared: Sequence[Comparison],
    searched: Sequence[SearchResult],
    controls: Collection[Control] = (),
    judged: Mapping[str, Mapping[str, Judged]] = MappingProxyType({}),
    inert: Collection[KnobSet] = (),
) -> list[Recommendation]:
    """One for each cell that is asked, in the plan's order, by the comparisons by the cell's first metric.

    `controls` differ from the baseline in nothing: where one is faster, that is chance. `judged`: a cell's name -> what
    its settings are, held against its bounds. `inert`: what does nothing by the audits.
    """
    chance = false_differences(compared, controls)
    results = {(result.sweep, result.workload): result for result in searched}
    of_cell: dict[tuple[str, str], list[Comparison]] = {}
    for comparison in compared:
        if comparison.is_first_metric and (comparison.definition, comparison.setting) not in controls:
            of_cell.setdefault((comparison.sweep, comparison.workload), []).append(comparison)
    answers = []
    for cell in asked(plan):
        compared_here = of_cell.get((cell.sweep, cell.workload), [])
        needed = max(1 + MARGIN, chance.get(cell.sweep, 1.0))
        if judged.get(cell.name):
            answer = _within(cell, compared_here, judged[cell.name], needed)
        elif (cell.sweep, cell.workload) in results:
            answer = _confirmed(cell, results[cell.sweep, cell.workload], _failed(compared_here), needed)
        else:
            answer = _recommend(cell, compared_here, needed)
        answers.append(_as_read(answer, inert))
    return answers


def _as_read(answer: Recommendation, inert: Collection[KnobSet]) -> Recommendation:
    """A recommendation without what nothing reads: who sets that sets nothing."""
    rival = answer.rival and _read(answer.cell, answer.rival, inert)
    return replace(answer, setting=_read(answer.cell, answer.setting, inert), rival=rival)


def _read(cell: Cell, setting: Setting, inert: Collection[KnobSet]) -> Setting:
    image = image_of(cell, setting)
    read = {knob: None if (image, knob, written(value)) in inert else value for knob, value in setting.resolved.items()}
    unread = {knob for knob, value in setting.resolved.items() if value != read[knob]}
    return replace(
        setting,
        resolved=read,
        written={knob: written(None) if knob in unread else value for knob, value in setting.written.items()},
    )


def _within(cell: Cell, compared: Sequence[Comparison], judged: Mapping[str, Judged], needed: float) -> Recommendation:
    """The best of the settings that hold the cell's bounds; the defaults count only if they do."""
    assert cell.bounds is not None
    holding = [row for row in compared if judged[row.setting].held is Held.YES and row.pairs and not row.failed]
    default, bounds = judged[cell.baseline], told(cell.bounds)
    stay = Recommendation(cell, baseline_of(cell), None, None, None, None, 0, "")
    if default.held is Held.YES:
        if not holding:
            return replace(stay, gain=1.0, regret=1.0, words=f"no other setting is known to hold {bounds}")
        return _recommend(cell, holding, needed)
    if not holding:
        words = f"no setting is known to hold {bounds}; the defaults: {default.words}"
        return replace(stay, words=words, none_holds=True)
    table = _log_ratios(cell, holding).drop(index=cell.baseline)
    best = str(table.mean(axis=1).idxmax())
    chosen = next(setting for setting in cell.settings if setting.id == best)
    words = (
        f"{_better(cell)} than others that hold {bounds} ({judged[best].words}); the defaults do not ({default.words})"
    )
    kept = replace(stay, setting=chosen, regret=1.0, rounds=table.shape[1], words=words)
    try:
        mean = mean_of(held_out_gains(table.to_numpy(), cell.workload), "the best setting")
    except UndecidedError:
        return replace(kept, gain=float(np.exp(table.loc[best].mean())))
    low, high = mean.interval
    return replace(kept, gain=mean.ratio, low=low, high=high)


def _failed(compared: Sequence[Comparison]) -> dict[str, int]:
    return {comparison.setting: comparison.failed for comparison in compared if comparison.failed}


def _confirmed(cell: Cell, search: SearchResult, failed: Mapping[str, int], needed: float) -> Recommendation:
    """What a search came to, by the rounds that confirmed it; `failed`: setting -> launches that failed."""
    left = next(setting for setting in cell.settings if setting.id == search.left)
    stay = Recommendation(cell, baseline_of(cell), None, None, None, None, search.confirming, "")
    if number := failed.get(search.left):
        return replace(
            stay, words=f"not known: the search was left with {left.label}, and {number} of its launches failed"
        )
    if search.gain is None or search.low is None or search.high is None:
        return replace(stay, words="not known: the search ended before it could confirm what it found")
    if search.low > needed:
        gained = replace(stay, setting=left, gain=search.gain, low=search.low, high=search.high)
        return replace(gained, words=f"found by a search, and {_better(cell)} than the defaults on {_HELD_OUT}")
    span = f"{ratio(search.gain)} (95 % interval {interval(search.low, search.high)}) on {_HELD_OUT}"
    words = f"what a search found, {left.label}, comes to {span}"
    rival = replace(stay, rival=left, rival_gain=search.gain, rival_low=search.low, rival_high=search.high)
    return replace(rival, gain=1.0, words=words)


def _recommend(cell: Cell, compared: Sequence[Comparison], needed: float) -> Recommendation:
    baseline = baseline_of(cell)
    stay = Recommendation(cell, baseline, None, None, None, None, 0, "")
    try:
        table = _log_ratios(cell, compared)
        kept = replace(stay, rounds=table.shape[1])
        gains = held_out_gains(table.to_numpy(), cell.workload)
        best = str(table.mean(axis=1).idxmax())
        # The rounds that choose agree on the defaults: there is no gain, and no spread.
        if best == baseline.id or not gains.any():
            return replace(kept, gain=1.0, regret=1.0, words=f"no other setting is {_better(cell)} on average")
        mean = mean_of(gains, "the best setting")
    except (NotTestableError, UndecidedError) as reason:
        return replace(stay, words=f"not known: {reason}")
    regret = float(np.exp(table.loc[best].mean()))
    chosen = next(setting for setting in cell.settings if setting.id == best)
    low, high = mean.interval
    if low > needed:
        gained = replace(kept, setting=chosen, gain=mean.ratio, low=low, high=high, regret=1.0)
        return replace(gained, words=f"{_better(cell)} than the defaults on {_HELD_OUT}")
    span = f"{ratio(mean.ratio)} (95 % interval {interval(low, high)}) on {_HELD_OUT}"
    words = f"the best of the others, {chosen.label}, comes to {span}"
    rival = replace(kept, rival=chosen, rival_gain=mean.ratio, rival_low=low, rival_high=high)
    return replace(rival, gain=1.0, regret=regret, words=words)


def _log_ratios(cell: Cell, compared: Sequence[Comparison]) -> pd.DataFrame:
    """Each setting's log-ratio over the baseline's (settings x rounds); NaN where it does not count in a round.

    Settings that cannot be compared, and those of which a launch failed, are left out: a setting that aborts is no
    answer, however fast the launches are that survive it. Raises NotTestableError if that leaves none.
    """
    rows = {
        comparison.setting: pd.Series(comparison.log_ratios, index=comparison.pair_rounds)
        for comparison in compared
        if comparison.pairs and not comparison.failed
    }
    if not rows:
        if not compared:
            raise NotTestableError("no other setting differs from the defaults in anything that is read")
        raise NotTestableError("; ".join(f"{comparison.label}: {_why_not(comparison)}" for comparison in compared))
    table = pd.DataFrame(rows).T
    table.loc[cell.baseline] = 0.0
    return table


def _why_not(comparison: Comparison) -> str:
    return f"{comparison.failed} of its launches failed" if comparison.failed else comparison.verdict.why


def usable(recommendation: Recommendation, plan: Plan, cpus: list[int]) -> Usable:
    """A recommendation in the words of the tools that it is for."""
    gain = "the defaults" if recommendation.stays else f"{ratio(recommendation.gain)} over the defaults"
    words = f"{recommendation.cell.workload} on {plan.machine}: {gain}; {recommendation.words}"
    return Usable(plan, recommendation.cell, recommendation.setting, stem(recommendation.cell), cpus, words)


def write(root: Path) -> None:
    """Make the files to paste, and the tables of searches and recommendations. Raises AnalysisError."""
    plan = read_plan(root)
    searching = any(cell.adaptive and cell.adaptive.by is AdaptiveBy.SEARCH for cell in plan.cells)
    launches, compared = read_launches(root), COMPARISONS.read(root)
    searched = searches(plan, launches) if searching else []
    SEARCHES.write(root, searched)
    cpus = read_machine(root).cpus
    audits = list(read_audits(root).values())
    controls = negative_controls(plan, audits)
    judged = _judged(root, plan, counting(launches))
    answers = recommendations(plan, compared, searched, controls, judged, inert_values(audits))
    for recommendation in answers:
        for suffix, content in usable(recommendation, plan, cpus).files.items():
            write_text(root / f"{FOLDER}/{stem(recommendation.cell)}{suffix}", content)
    rows = [recommended(recommendation) for recommendation in answers]
    RECOMMENDATIONS.write(root, rows)
    OVERVIEW.write(root, overview(asked(plan), rows, of_first_metric(compared), launches))


def _judged(root: Path, plan: Plan, launches: pd.DataFrame) -> dict[str, dict[str, Judged]]:
    bounded = [cell for cell in plan.cells if cell.bounds is not None]
    samples = read_samples(root) if bounded else pd.DataFrame()
    return {cell.name: judge(cell, launches, samples) for cell in bounded}


main = stage(write)


if __name__ == "__main__":
    raise SystemExit(main())
