"""Is one setting faster, slower or different? The ratio of both within each round; one value a round."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, PositiveFloat

from analysis.claims.evidence import Contrast, pairs
from analysis.claims.kinds.hypothesis import Hypothesis, Outcome, Reference, outcome
from analysis.claims.kinds.p_values import Expected, directed
from analysis.comparisons.pairs import Evidence, NotTestableError, UndecidedError
from analysis.margin import MARGIN
from workloads.vocabulary.validation import Strict


class Crossing(Strict):
    """The same contrast on further workloads of the sweep, of growing size: from which size on does it hold?"""

    param: str = Field(description="the workloads' parameter that is their size")
    workloads: list[str] = Field(min_length=1, description="from small to large")


class RatioTest(Hypothesis, Contrast):
    """Is one setting faster, slower, or different by the margin or more?"""

    test: Literal["ratio"]
    expect: Expected = "faster"
    margin: PositiveFloat = Field(MARGIN, description="a ratio within 1 + margin and its inverse makes no difference")
    crossing: Crossing | None = None

    def references(self) -> Iterator[Reference]:
        """The contrast, and the workloads of the crossing."""
        yield Reference.of(self)
        for workload in self.crossing.workloads if self.crossing else []:
            yield Reference(self.sweep, workload, [self.setting, self.against])

    def run(self, evidence: Evidence) -> Outcome:
        """Compare; a crossing is told and decides nothing."""
        pair = pairs(evidence, self)
        words = pair.words + (f"; {self._crossing(self.crossing, evidence)}; at the largest" if self.crossing else "")
        p = directed(pair.mean, self.expect, self.margin)
        return outcome(pair.mean, p, pair.metric.gain, words, [pair.cell])

    def _crossing(self, crossing: Crossing, evidence: Evidence) -> str:
        """The size from which on the interval lies above 1, told for the sizes that could be tested."""
        above, tested = None, []
        for workload in crossing.workloads:
            contrast = self.model_copy(update={"workload": workload})
            try:
                pair = pairs(evidence, contrast)
                low = pair.mean.interval[0]
            except (NotTestableError, UndecidedError):
                continue
            size = str(pair.cell.params.get(crossing.param, workload))
            tested.append(size)
            if above is None and low > 1:
                above = size
        sizes = f"of {crossing.param} = {', '.join(tested)}"
        return f"{sizes} the first interval above 1 is at {above}" if above else f"{sizes} no interval lies above 1"
