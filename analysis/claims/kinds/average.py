"""Is one setting faster than another on average over workloads? The geometric mean of their ratios.

Workloads are measured by launches of their own, so that their means are independent: the error of the mean over them
is theirs in root sum of squares, with the degrees of freedom of Satterthwaite (1946).
"""

import math
from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import Field, PositiveFloat

from analysis.claims.evidence import Contrast, pairs
from analysis.claims.kinds.hypothesis import Hypothesis, Outcome, Reference, at_least_two, outcome
from analysis.claims.kinds.p_values import Expected, directed
from analysis.comparisons.pairs import Evidence, Pairs
from analysis.margin import MARGIN
from analysis.records.written import Written, label
from analysis.statistics.log_mean import LogMean
from analysis.wording import margin, ratio


class AverageTest(Hypothesis):
    """Is the geometric mean of a setting's speed-ups over workloads above, below or off 1 by the margin or more?"""

    test: Literal["average"]
    sweep: str
    workloads: list[str] = Field(min_length=2)
    setting: Written
    against: Written
    expect: Expected = "faster"
    margin: PositiveFloat = MARGIN

    def references(self) -> Iterator[Reference]:
        """The contrast on each workload."""
        for workload in self.workloads:
            yield Reference(self.sweep, workload, [self.setting, self.against])

    def run(self, evidence: Evidence) -> Outcome:
        """Compare on each workload that was measured, and take the mean."""

        def find(workload: str) -> Pairs:
            contrast = Contrast(sweep=self.sweep, workload=workload, setting=self.setting, against=self.against)
            return pairs(evidence, contrast)

        found, missing = at_least_two(self.workloads, find)
        means = [pair.mean for pair in found.values()]
        mean = average(means)
        p = directed(mean, self.expect, self.margin)
        each = ", ".join(f"{self.workloads[place]} {ratio(pair.mean.ratio)}" for place, pair in found.items())
        bound = math.log1p(self.margin)
        wins, losses = sum(m.mean > bound for m in means), sum(m.mean < -bound for m in means)
        words = (
            f"{label(self.setting)} against {label(self.against)}, geometric mean over {len(means)} workloads ({each}; "
            f"{wins} faster and {losses} slower by {margin(self.margin)} or more){missing}"
        )
        return outcome(mean, p, "geometric mean of speed-ups", words, [pair.cell for pair in found.values()])


def average(means: Sequence[LogMean]) -> LogMean:
    """The mean of independent means, each with its own error."""
    number = len(means)
    parts = [(mean.error / number) ** 2 for mean in means]
    freedom = sum(parts) ** 2 / sum(part**2 / mean.freedom for part, mean in zip(parts, means, strict=True))
    return LogMean(sum(mean.mean for mean in means) / number, math.sqrt(sum(parts)), freedom)
