"""Which cycles count, and how many more are to be made: by the canary's ticks and clocks alone. Pure.

A cycle during which the machine gave less than it usually does in this block is set aside, whatever was timed in it:
its tick took clearly longer than the median tick, on one CPU or on all at once; or the machine was suspended, or
somebody paused a container of the block. "Usual" is the block's own: a shared machine can be slow for an hour, and the
pairs of that hour are as good as any. Further cycles replace those, at most as many again as were planned.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from containers.rounds.suspension import SHORTEST_S
from workloads.vocabulary.record import Tick

# By how much a tick must be slower than the median one. On a quiet machine it repeats within 2 % (docs/method.md).
SLOWER = 1.15


@dataclass(frozen=True)
class Seen:
    """What is known of a cycle beside what was timed in it."""

    tick: Tick
    paused: bool = False  # somebody paused a container of the block meanwhile


def kept(cycles: Sequence[Seen]) -> list[bool]:
    """Whether each cycle counts."""
    if not cycles:
        return []
    one_s = SLOWER * median(seen.tick.one_s for seen in cycles)
    all_s = SLOWER * median(seen.tick.all_s for seen in cycles)
    return [
        seen.tick.one_s <= one_s and seen.tick.all_s <= all_s and seen.tick.suspended_s < SHORTEST_S and not seen.paused
        for seen in cycles
    ]


def further(kept: Sequence[bool], planned: int) -> int:
    """How many cycles are to be made next; 0: enough of them count, or twice as many as planned were made."""
    if len(kept) < planned:
        return planned - len(kept)
    return max(0, min(planned - sum(kept), 2 * planned - len(kept)))
