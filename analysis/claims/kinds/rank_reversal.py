"""Does the better of two settings depend on the place?

A mean for each place that was measured; the p of the smallest is multiplied by their number.
"""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, PositiveFloat

from analysis.claims.evidence import Contrast, Place, pairs
from analysis.claims.kinds.hypothesis import Hypothesis, Outcome, Reference, at_least_two, outcome, told
from analysis.claims.kinds.p_values import extremes, reversed_order
from analysis.comparisons.pairs import Evidence
from analysis.margin import MARGIN
from analysis.records.written import Written


class RankReversalTest(Hypothesis):
    """Is one setting faster than another in one place and slower in another?"""

    test: Literal["rank_reversal"]
    places: list[Place] = Field(min_length=2)
    setting: Written
    against: Written
    margin: PositiveFloat = MARGIN

    def references(self) -> Iterator[Reference]:
        """Both settings in each place."""
        yield from map(Reference.of, self._contrasts())

    def run(self, evidence: Evidence) -> Outcome:
        """Look for a place on each side of 1."""
        present, missing = at_least_two(self._contrasts(), lambda contrast: pairs(evidence, contrast))
        held = list(present.values())
        means = [pair.mean for pair in held]
        largest, smallest = extremes(means)
        p = reversed_order(means, self.margin)
        if missing:
            p = p._replace(p_against=1.0)  # the order may turn in a place that was not seen
        other = f"{held[smallest].words} ({held[smallest].cell.sweep}): {told(means[smallest])}"
        words = f"{other}{missing}; {held[largest].words} ({held[largest].cell.sweep})"
        measure = f"{held[largest].metric.gain} where it is largest"
        return outcome(means[largest], p, measure, words, [pair.cell for pair in held])

    def _contrasts(self) -> list[Contrast]:
        return [Contrast(**place.model_dump(), setting=self.setting, against=self.against) for place in self.places]
