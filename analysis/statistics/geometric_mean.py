"""A mean of ratios that each have an interval."""

import math
from collections.abc import Iterable
from typing import NamedTuple


class Interval(NamedTuple):
    """A ratio with its 95 % interval."""

    ratio: float
    low: float
    high: float


def geometric_mean(ratios: Iterable[Interval]) -> Interval:
    """The geometric mean of at least one; their intervals are taken as independent, and as alike on both sides."""
    known = list(ratios)
    mean = sum(math.log(each.ratio) for each in known) / len(known)
    half = math.hypot(*(math.log(each.high / each.low) / 2 for each in known)) / len(known)
    return Interval(math.exp(mean), math.exp(mean - half), math.exp(mean + half))
