"""Holds the launches of two settings against each other, round by round.

Launches of one block took turns, fractions of a second apart: they are paired cycle by cycle, and the cycles of a round
come to one log-ratio (analysis.statistics.stalls, analysis.statistics.location). Launches that did not take turns
together are held against each other by what each came to alone. A metric that slices do not give, such as memory or a
percentile, is one number a launch in any case.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.comparisons.metrics import THROUGHPUT, Metric
from analysis.comparisons.valid_launches import Counted, CountedSettings
from analysis.comparisons.verdict import Verdict
from analysis.statistics.location import location
from analysis.statistics.log_mean import LogMean
from analysis.statistics.pooled import pooled_means
from analysis.statistics.stalls import RoundRatios, round_ratios
from workloads.vocabulary.plan import Cell

# Of the typical call, and of work over time.
_BOTH = ("slice_median_s", "slice_work_s")


@dataclass(frozen=True)
class Paired:
    """Two settings over the rounds in which both have a value of a metric."""

    rounds: NDArray[np.int64]  # ascending, each once
    blocks: NDArray[np.int64]  # of what the setting is held against
    ours: NDArray[np.intp]  # their launches among those of the setting
    base: NDArray[np.intp]  # and among those of what it is held against
    log_ratios: NDArray[np.float64]  # > 0: the setting is better
    slices: RoundRatios | None = None  # of a metric that slices give

    @property
    def places(self) -> list[tuple[int, int]]:
        """(round, block) of each pair: what the pairs with one launch of the other setting have in common."""
        return list(zip(self.rounds.tolist(), self.blocks.tolist(), strict=True))


def paired(launches: Counted, base: Counted, metric: Metric = THROUGHPUT) -> Paired:
    """Hold a setting's launches against those of another."""
    mine, theirs = _matches(launches, base)
    in_slices = _in_slices(launches, base, mine, theirs, metric) if metric.in_slices and launches.has_slices else None
    log_ratios = in_slices.log_ratios if in_slices else launches.log_of(metric)[mine] - base.log_of(metric)[theirs]
    known = ~np.isnan(log_ratios)
    mine, theirs = mine[known], theirs[known]
    return Paired(launches.rounds[mine], base.blocks[theirs], mine, theirs, log_ratios[known], in_slices)


def _matches(launches: Counted, base: Counted) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which launch of the one is held against which of the other: one pair a round, of one block if there is such."""
    pairs: dict[int, tuple[bool, int, int]] = {}
    of_round: dict[int, list[int]] = defaultdict(list)
    for index, number in enumerate(base.rounds.tolist()):
        of_round[number].append(index)
    for index, (number, block) in enumerate(zip(launches.rounds.tolist(), launches.blocks.tolist(), strict=True)):
        for other in of_round[number]:
            together = int(base.blocks[other]) == block
            if number not in pairs or together > pairs[number][0]:
                pairs[number] = (together, index, other)
    ordered = [pairs[number] for number in sorted(pairs)]
    mine, theirs = [index for _, index, _ in ordered], [other for _, _, other in ordered]
    return np.array(mine, dtype=np.intp), np.array(theirs, dtype=np.intp)


def _in_slices(
    launches: Counted, base: Counted, mine: NDArray[np.intp], theirs: NDArray[np.intp], metric: Metric
) -> RoundRatios:
    together = launches.blocks[mine] == base.blocks[theirs]
    ratios = [_cycles(launches.slices(name)[mine], base.slices(name)[theirs], together) for name in _BOTH]
    if metric.of_work:
        work = np.log(_work_at_once(launches)[mine] / _work_at_once(base)[theirs])
        ratios = [cycles + work[:, np.newaxis] for cycles in ratios]
    return round_ratios(*ratios)


def _work_at_once(launches: Counted) -> NDArray[np.float64]:
    """What is done in the time of a call: each caller makes one."""
    return launches.numbers("work_amount") * launches.numbers("callers")


def _cycles(times: NDArray[np.float64], base: NDArray[np.float64], together: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Log-ratios of speed (rounds x cycles); of launches that did not take turns together, one for all cycles."""
    common = min(times.shape[1], base.shape[1])
    ratios = np.full((len(times), max(common, 1)), np.nan)
    ratios[together, :common] = base[together, :common] - times[together, :common]
    apart = ~together
    if apart.any():
        ratios[apart, 0] = _locations(base[apart]) - _locations(times[apart])
    return ratios


def _locations(times: NDArray[np.float64]) -> NDArray[np.float64]:
    return times[:, 0] if times.shape[1] == 1 else location(times)


def held_against(cell: Cell, metric: Metric, counted: CountedSettings, against: str) -> dict[str, Paired | Verdict]:
    """Each of a cell's other settings held against one of them; or why it cannot be."""
    base = counted.of(cell, against)
    held: dict[str, Paired | Verdict] = {}
    for setting in cell.settings:
        if setting.id != against:
            launches = counted.of(cell, setting.id)
            pairs = paired(launches, base, metric)
            held[setting.id] = obstacle(launches, base, metric, pairs) or pairs
    return held


def pooled(held: Mapping[str, Paired | Verdict]) -> dict[str, LogMean]:
    """The mean log-ratio of each setting that could be held against another, with an error that they may share."""
    pairs = {setting: pair for setting, pair in held.items() if isinstance(pair, Paired)}
    means = pooled_means(_matrix(list(pairs.values()))) if pairs else []
    return {setting: mean for setting, mean in zip(pairs, means, strict=True) if mean is not None}


def _matrix(pairs: list[Paired]) -> NDArray[np.float64]:
    columns = {place: index for index, place in enumerate(sorted({place for pair in pairs for place in pair.places}))}
    log_ratios = np.full((len(pairs), len(columns)), np.nan)
    for row, pair in enumerate(pairs):
        log_ratios[row, [columns[place] for place in pair.places]] = pair.log_ratios
    return log_ratios


def obstacle(launches: Counted, base: Counted, metric: Metric, pairs: Paired) -> Verdict | None:
    """Why the launches of a setting and of what it is held against cannot be compared; None if they can."""
    if not launches.on_file:
        return Verdict.NO_LAUNCH
    if not len(launches.rounds):
        return Verdict.ALL_SET_ASIDE if launches.all_set_aside else Verdict.ALL_FAILED
    if not len(base.rounds):
        return Verdict.NO_BASELINE
    if _two_contents(launches, base):
        return Verdict.TWO_IMAGES
    if metric.of_work and len({*launches.texts("work_unit"), *base.texts("work_unit")}) > 1:
        return Verdict.TWO_UNITS
    if not set(launches.rounds) & set(base.rounds):
        return Verdict.NO_PAIR
    return None if len(pairs.rounds) else Verdict.TOO_FEW_CALLS


def _two_contents(*sides: Counted) -> bool:
    # By image name: a setting may choose another image on purpose, but one image must not have changed meanwhile.
    contents: dict[str, set[str]] = defaultdict(set)
    for side in sides:
        for name, content in zip(side.texts("image"), side.texts("image_content"), strict=True):
            contents[name].add(content)
    return any(len(several) > 1 for several in contents.values())
