"""Letters for those that cannot be told apart."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence


def complete(names: Sequence[str], held: Collection[frozenset[str]]) -> list[str]:
    """Of `names`, in their order, a set as large as can be in which each was held against each of the others."""
    for size in range(len(names), 0, -1):
        for some in itertools.combinations(names, size):
            if all(frozenset(pair) in held for pair in itertools.combinations(some, 2)):
                return list(some)
    return []


def letter_groups(names: Sequence[str], told_apart: Collection[frozenset[str]]) -> dict[str, str]:
    """Name -> its letters, `a` being the group of the first of `names`."""
    groups = [frozenset(names)]
    for pair in told_apart:
        for group in [one for one in groups if pair <= one]:
            groups.remove(group)
            groups += [group - {name} for name in sorted(pair)]
        groups = [one for one in dict.fromkeys(groups) if not any(one < other for other in groups)]
    groups.sort(key=lambda group: sorted(names.index(name) for name in group))
    return {name: "".join(_letter(index) for index, group in enumerate(groups) if name in group) for name in names}


def _letter(index: int) -> str:
    return chr(ord("a") + index) if index < 26 else f"({index + 1})"
