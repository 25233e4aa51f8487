"""The samples of a launch of several callers: in which order they were taken, and those of the slowest caller."""

import heapq
from collections.abc import Sequence
from itertools import accumulate, chain

import numpy as np

from workloads.vocabulary.record import Case
from workloads.vocabulary.slice import Slice


def callers(case: Case) -> int:
    """How many calls a launch makes at the same time: by each thread of each instance one."""
    return case.instances * case.concurrency


def in_time(taken: Slice) -> list[float]:
    """A slice's samples in the order in which they came to their ends, as far as the callers began together."""
    if not taken.shares:
        return taken.samples
    ends = [zip(accumulate(samples), samples, strict=True) for samples in taken.of_callers]
    return [sample for _, sample in heapq.merge(*ends)]


def worst_percentile(slices: Sequence[Slice], share: float) -> float | None:
    """A percentile of the calls of the caller for whom it is highest; None where there is one caller."""
    if not slices or not slices[0].shares:
        return None
    of_callers = zip(*(taken.of_callers for taken in slices), strict=True)
    return max(float(np.quantile(list(chain.from_iterable(samples)), share)) for samples in of_callers)
