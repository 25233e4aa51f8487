"""In which order settings are launched in a round, and launches take their turns in a cycle."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


def balanced(items: Sequence[Item], seed: str, number: int) -> list[Item]:
    """The items in the order of turn `number`, counted from 0, which the seed draws.

    Over as many turns as there are items, from a multiple of their number on, each item stands in each place once (the
    rows of a Latin square, in an order drawn by chance). So what a place does to whoever stands there, as the first
    launch on an idle machine, meets all settings alike, and does so by plan and not only in the long run.
    """
    if not items:
        return []
    square, row = divmod(number, len(items))
    drawn = random.Random(f"{seed}/{square}")
    first, rows = list(items), list(range(len(items)))
    drawn.shuffle(first)
    drawn.shuffle(rows)
    return [*first[rows[row] :], *first[: rows[row]]]
