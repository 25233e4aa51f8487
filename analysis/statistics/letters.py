"""Letters for those that cannot be told apart."""

from collections.abc import Collection, Sequence


def complete(names: Sequence[str], held: Collection[frozenset[str]]) -> list[str]:
    """Of `names`, in their order, a large set in which each was held against each of the others.

    The largest one would take time that doubles with each name, so it is built up: from each name on, those that were
    held against the most others join first. Where nearly all pairs were held, it is the largest.
    """
    partners = {name: sum(name in pair for pair in held) for name in names}
    order = sorted(names, key=lambda name: -partners[name])
    largest: list[str] = []
    for first in order:
        largest = max(largest, _grown(first, order, held), key=len)
    return sorted(largest, key=names.index)


def _grown(first: str, order: Sequence[str], held: Collection[frozenset[str]]) -> list[str]:
    kept = [first]
    for name in order:
        if all(frozenset((name, other)) in held for other in kept):
            kept.append(name)
    return kept


def letter_groups(names: Sequence[str], told_apart: Collection[frozenset[str]]) -> dict[str, str]:
    """Name -> its letters, `a` being the group of the first of `names`."""
    groups = [frozenset(names)]
    for pair in told_apart:
        for group in [other_group for other_group in groups if pair <= other_group]:
            groups.remove(group)
            groups += [group - {name} for name in sorted(pair)]
        groups = [group for group in dict.fromkeys(groups) if not any(group < other for other in groups)]
    groups.sort(key=lambda group: sorted(names.index(name) for name in group))
    return {name: "".join(_letter(index) for index, group in enumerate(groups) if name in group) for name in names}


def _letter(index: int) -> str:
    return chr(ord("a") + index) if index < 26 else f"({index + 1})"
