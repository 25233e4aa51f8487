"""Does speed grow along a list of settings? The slope of log speed over the list's ranks within each round.

Of the list, those settings count that the sweep has.
"""

import math
from collections.abc import Iterator
from statistics import fmean
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PositiveFloat

from analysis.claims.evidence import Place, cell_of, metric_of, setting_of
from analysis.claims.kinds.hypothesis import Hypothesis, Outcome, Reference, at_least_two, outcome
from analysis.claims.kinds.p_values import directed
from analysis.comparisons.pairs import Evidence, NotTestableError, Pairs, mean_of, pairs_of
from analysis.margin import MARGIN
from analysis.records.written import Written
from analysis.wording import ratio


class OrderedTest(Hypothesis, Place):
    """Do the settings become faster along the list?"""

    test: Literal["ordered"]
    settings: list[Written] = Field(min_length=2, description="from the slowest to the fastest, as the claim has it")
    margin: PositiveFloat = Field(MARGIN, description="of a step")

    def references(self) -> Iterator[Reference]:
        """The list's settings."""
        yield Reference(self.sweep, self.workload, self.settings)

    def run(self, evidence: Evidence) -> Outcome:
        """Test the speed-up of a step."""
        cell = cell_of(evidence, self.sweep, self.workload)
        present, missing = at_least_two(self.settings, lambda wanted: setting_of(cell, wanted))
        settings = list(present.values())
        metric = metric_of(cell, self)
        steps = [pairs_of(evidence, cell, faster, settings[0], metric) for faster in settings[1:]]
        # Of logarithms only differences from the first setting are known: its own is 0 in every round.
        ratios = np.array(_common_rounds(steps))
        speeds = np.vstack([np.zeros(ratios.shape[1]), ratios])
        ranks = np.array(list(present)) - fmean(present)
        told = ", ".join(
            f"{setting.label} at {ratio(math.exp(row.mean()))}" for setting, row in zip(settings, speeds, strict=True)
        )
        words = f"speeds on {cell.workload}: {told}{missing}; a step"
        mean = mean_of(ranks @ speeds / (ranks @ ranks), words)
        return outcome(mean, directed(mean, "faster", self.margin), f"{metric.gain} of a step", words, [cell])


def _common_rounds(several: list[Pairs]) -> list[NDArray[np.float64]]:
    rounds = several[0].log_ratios.index
    for pair in several[1:]:
        rounds = rounds.intersection(pair.log_ratios.index)
    if not len(rounds):
        raise NotTestableError(f"{several[0].words}: no round has all the settings")
    return [pair.log_ratios.loc[rounds].to_numpy(dtype=float) for pair in several]
