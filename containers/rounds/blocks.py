"""Which launches of a round make up its next block, going by those that are on file. Pure."""

from collections import Counter
from collections.abc import Sequence

from containers.launch.prepared import Launch
from workloads.vocabulary.plan import Cell
from workloads.vocabulary.record import Record, Status

# How often in a round a setting's launch may be killed from outside before the round does without it.
MOST_KILLS = 3


def due(cell: Cell, launches: Sequence[Launch], records: Sequence[Record]) -> list[Launch]:
    """The launches of the next block, the baseline first, as far as memory goes; none once the round is whole.

    A launch that was killed from outside is made again, up to a bound. The baseline is in each block, so that every
    other launch has its pair in its own block. Where launches do not take turns, or memory was too small for a single
    one beside the baseline, each is a block of its own.
    """
    on_file = {record.setting.id for record in records if record.status is not Status.KILLED}
    killed = Counter(record.setting.id for record in records if record.status is Status.KILLED)
    on_file |= {setting for setting, times in killed.items() if times >= MOST_KILLS}
    missing = [launch for launch in launches if launch.setting.id not in on_file]
    if not missing:
        return []
    if not cell.turns or _was_alone(records):
        return missing[:1]
    baseline = [launch for launch in launches if launch.setting.id == cell.baseline]
    return baseline + [launch for launch in missing if launch.setting.id != cell.baseline]


def next_number(records: Sequence[Record]) -> int:
    """The number of a round's next block."""
    return max((record.turns.block for record in records), default=0) + 1


def _was_alone(records: Sequence[Record]) -> bool:
    """Whether a block had to be of one launch: it was, and others were missing."""
    sizes = [record.turns.block for record in records]
    return any(sizes.count(block) == 1 for block in sizes)
