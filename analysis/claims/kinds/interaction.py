"""Does a change gain more in one place than in another?

In one cell: the difference of both log-ratios within each round, since they share launches. In two cells: two
independent means, with the degrees of freedom of Welch and Satterthwaite.
"""

from collections.abc import Iterator
from typing import Literal

from pydantic import PositiveFloat

from analysis.claims.evidence import Contrast, pairs
from analysis.claims.kinds.hypothesis import Hypothesis, Outcome, Reference, outcome
from analysis.claims.kinds.p_values import directed
from analysis.comparisons.pairs import Evidence, NotTestableError, mean_of
from analysis.margin import MARGIN
from analysis.statistics.welch import welch
from analysis.wording import ratio


class InteractionTest(Hypothesis):
    """Is the ratio of `first` larger than that of `second`?"""

    test: Literal["interaction"]
    first: Contrast
    second: Contrast
    margin: PositiveFloat = MARGIN

    def references(self) -> Iterator[Reference]:
        """Both contrasts."""
        yield Reference.of(self.first)
        yield Reference.of(self.second)

    def run(self, evidence: Evidence) -> Outcome:
        """Compare the two speed-ups."""
        first, second = pairs(evidence, self.first), pairs(evidence, self.second)
        words = f"{first.words} ({ratio(first.mean.ratio)}); {second.words} ({ratio(second.mean.ratio)})"
        if first.cell == second.cell:
            difference = (first.log_ratios - second.log_ratios).dropna().to_numpy(dtype=float)
            if not len(difference):
                raise NotTestableError(f"{words}: no round has all of them")
            mean = mean_of(difference, words)
        else:
            mean = welch(first.mean, second.mean)
        p = directed(mean, "faster", self.margin)
        words = f"{words}; the first speed-up over the second"
        return outcome(mean, p, "ratio of two speed-ups", words, [first.cell, second.cell])
