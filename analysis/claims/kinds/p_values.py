"""The p for a claim and the p against it, from a mean log-ratio.

"Faster" means by the margin or more. A ratio above 1 + margin supports it: tested two-sided, as the 95 % interval is.
A ratio below refutes it: tested one-sided. So slower, equivalent and anything between the two count against the claim,
and no ratio counts for both sides. Equivalence is shown by two one-sided tests (Schuirmann 1987).
"""

import math
from typing import Literal, NamedTuple

from analysis.statistics.log_mean import LogMean

Expected = Literal["faster", "slower", "different"]


class BothSides(NamedTuple):
    """A small p speaks for the claim, or against it."""

    p_for: float
    p_against: float


def directed(mean: LogMean, expect: Expected, margin: float) -> BothSides:
    """Of "the ratio is above 1 by the margin", below 1 by it, or either of the two."""
    bound = math.log1p(margin)
    match expect:
        case "faster":
            return BothSides(two_sided(mean.p_above(bound)), mean.p_below(bound))
        case "slower":
            return BothSides(two_sided(mean.p_below(-bound)), mean.p_above(-bound))
        case "different":
            same = equivalent(mean, margin)
            return BothSides(p_for=same.p_against, p_against=same.p_for)


def equivalent(mean: LogMean, margin: float) -> BothSides:
    """Of "the ratio lies within the margin of 1"."""
    bound = math.log1p(margin)
    beyond = min(mean.p_above(bound), mean.p_below(-bound))
    return BothSides(p_for=mean.p_equivalence(margin), p_against=two_sided(beyond))


def reversed_order(means: list[LogMean], margin: float) -> BothSides:
    """Of "of these ratios one is above 1 and another below, each by the margin"."""
    largest, smallest = extremes(means)
    bound = math.log1p(margin)
    above, below = two_sided(means[largest].p_above(bound)), two_sided(means[smallest].p_below(-bound))
    same_order = min(max(mean.p_below(bound) for mean in means), max(mean.p_above(-bound) for mean in means))
    return BothSides(p_for=min(1.0, len(means) * max(above, below)), p_against=two_sided(same_order))


def extremes(means: list[LogMean]) -> tuple[int, int]:
    """Where the ratio lies the most standard errors above 1, and where below."""
    order = sorted(range(len(means)), key=lambda index: means[index].mean / means[index].error)
    return order[-1], order[0]


def two_sided(p: float) -> float:
    """The p of a two-sided test, from that of the side where the ratio lies."""
    return min(1.0, 2 * p)
