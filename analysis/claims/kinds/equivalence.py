"""Are two settings the same? The ratio of both within each round; one value a round."""

from collections.abc import Iterator
from typing import Literal

from pydantic import PositiveFloat

from analysis.claims.evidence import Contrast, pairs
from analysis.claims.kinds.hypothesis import Hypothesis, Outcome, Reference, outcome
from analysis.claims.kinds.p_values import equivalent
from analysis.comparisons.pairs import Evidence


class EquivalenceTest(Hypothesis, Contrast):
    """Does the setting make no difference of the margin or more?"""

    test: Literal["equivalence"]
    margin: PositiveFloat

    def references(self) -> Iterator[Reference]:
        """The contrast."""
        yield Reference.of(self)

    def run(self, evidence: Evidence) -> Outcome:
        """Two one-sided tests."""
        pair = pairs(evidence, self)
        return outcome(pair.mean, equivalent(pair.mean, self.margin), pair.metric.gain, pair.words, [pair.cell])
