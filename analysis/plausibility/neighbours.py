"""Records against each other: work, blocks, ticks of the canary, copies."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from statistics import median

from analysis.records.folder import Line
from workloads.vocabulary.record import Record, Tick

# The rule of containers.rounds.kept_cycles, replayed.
_SLOWER, _SUSPENDED_S = 1.15, 0.05
# Clocks of the wall may be set while a run goes on, by less than this.
_CLOCK_S = 0.5
# So many samples, in nanoseconds, are equal in two slices by copying alone.
_FEWEST = 5

Found = Iterator[tuple[Line, str]]


class Neighbours:
    """Takes the records round by round. Each method gives (line, what is wrong)."""

    def __init__(self) -> None:
        """None yet."""
        self._work: dict[str, object] = {}
        self._samples: set[int] = set()  # of slices, hashed
        self._spans: list[tuple[float, float, Line]] = []  # of blocks

    def of_round(self, lines: Sequence[Line]) -> Found:
        """What is wrong with the records of one round."""
        yield from self._other_work(lines)
        yield from self._copies(lines)
        for block in blocks(lines):
            yield from _unlike(block)
            yield from _unfounded_cycles(block)

    def _other_work(self, lines: Sequence[Line]) -> Found:
        """One amount of work, check and way of counting for one workload with one set of parameters."""
        for line in lines:
            record = line.record
            if record.measurement is not None:
                key = f"{record.definition} {sorted(record.case.params.items())}"
                work = record.measurement.work, record.measurement.metric
                if self._work.setdefault(key, work) != work:
                    yield line, "another amount of work than others with its parameters"

    def _copies(self, lines: Sequence[Line]) -> Found:
        """No two slices have the same samples."""
        for line in lines:
            slices = line.record.measurement.slices if line.record.measurement else []
            own = {hash(tuple(slice_.samples)) for slice_ in slices if len(set(slice_.samples)) >= _FEWEST}
            if not own.isdisjoint(self._samples):
                yield line, "samples that another launch has, too"
            self._samples |= own

    def not_together(self, lines: Sequence[Line]) -> Found:
        """The launches of one block of a round are up together, by times of day."""
        for block in blocks(lines):
            starts = [datetime.fromisoformat(line.record.started_at).timestamp() for line in block]
            ends = [start + line.record.wall_s for start, line in zip(starts, block, strict=True)]
            if max(starts) > min(ends) + _CLOCK_S:
                yield block[starts.index(max(starts))], "not up together with the others of its block"
            self._spans.append((min(starts), max(ends), block[0]))

    def overlaps(self) -> Found:
        """Blocks are measured one after another, by times of day. Asked last."""
        until = float("-inf")
        for start, end, line in sorted(self._spans, key=lambda span: span[0]):
            if start + _CLOCK_S < until:
                yield line, "begun before the launches before it had ended"
            until = max(until, end)


def blocks(lines: Sequence[Line]) -> list[list[Line]]:
    """The launches of a round, block by block."""
    of_block = defaultdict(list)
    for line in lines:
        of_block[line.record.turns.block].append(line)
    return list(of_block.values())


def _unlike(block: Sequence[Line]) -> Found:
    """The launches of a block share ticks, verdicts on cycles, session and places."""
    longest = max((line.record for line in block), key=lambda record: len(record.turns.ticks))
    for line in block:
        if not _shares(line.record, longest):
            yield line, "other ticks or cycles set aside than the others of its block"
    for cycle in range(len(longest.turns.places)):
        present = [line for line in block if cycle < len(line.record.turns.places)]
        if sorted(line.record.turns.places[cycle] for line in present) != list(range(1, len(present) + 1)):
            yield block[0], f"places in cycle {cycle + 1} that are not one each"
            break


def _shares(record: Record, other: Record) -> bool:
    mine, theirs = record.turns, other.turns
    return (
        mine.ticks == theirs.ticks[: len(mine.ticks)]
        and mine.kept == theirs.kept[: len(mine.kept)]
        and (record.session, mine.cpus) == (other.session, theirs.cpus)
    )


def _unfounded_cycles(block: Sequence[Line]) -> Found:
    """A cycle whose tick was slow, or in which the machine was suspended, does not count."""
    longest = max((line.record.turns for line in block), key=lambda turns: len(turns.ticks))
    if len(longest.ticks) != len(longest.kept) or not longest.ticks:
        return  # format 2: two ticks around one launch
    if all(line.record.measurement is None for line in block):
        return  # all of them ended early: no verdict was made any more
    fair_cycles = _kept(longest.ticks)
    for line in block:
        verdicts = zip(line.record.turns.kept, fair_cycles, strict=False)
        if any(cycle != fair for cycle, fair in verdicts):
            yield line, "cycles that count, or do not, against the canary's rule"


def _kept(ticks: Sequence[Tick]) -> list[bool]:
    one_s, all_s = (_SLOWER * median(getattr(tick, name) for tick in ticks) for name in ("one_s", "all_s"))
    return [tick.one_s <= one_s and tick.all_s <= all_s and tick.suspended_s < _SUSPENDED_S for tick in ticks]
