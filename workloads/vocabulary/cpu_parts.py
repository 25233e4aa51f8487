"""How a launch's CPUs are divided among its instances. Standard library only."""

from collections.abc import Sequence
from itertools import pairwise


def parts_of(cpus: Sequence[int], instances: int) -> list[list[int]]:
    """The CPUs of each instance, in order; sizes differ by one at most."""
    bounds = [len(cpus) * number // instances for number in range(instances + 1)]
    return [list(cpus[start:end]) for start, end in pairwise(bounds)]
