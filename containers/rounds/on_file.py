"""What is on file of a round, read once as long as the file stays as it is."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from containers.rounds.journal import partial

# Files whose content is kept: those of a plan of that many rounds.
_MOST_FILES = 10_000


@dataclass(frozen=True)
class OnFile:
    """Launches that are recorded, whole rounds and those under way."""

    settings: int = 0  # that have a record: the baseline may have several
    took_s: float = 0.0  # in which at least one of them was up


def on_file(finished: Path) -> OnFile:
    """What is on file of a round, whose file has this name once it is whole."""
    for path in (finished, partial(finished)):
        try:
            state = path.stat()
        except OSError:
            continue
        return _read(path, state.st_mtime_ns, state.st_size)
    return OnFile()


@lru_cache(maxsize=_MOST_FILES)
def _read(path: Path, changed_ns: int, size: int) -> OnFile:  # a file that changed is another one
    records = []
    for line in path.read_bytes().splitlines():
        try:
            records.append(json.loads(line))
        except ValueError:  # a line that a kill cut short
            continue
    spans = [(record["started_at"], record["wall_s"]) for record in records]
    return OnFile(len({record["setting"]["id"] for record in records}), together_s(spans))


def together_s(spans: Iterable[tuple[str, float]]) -> float:
    """Seconds in which at least one launch was up; each is given by its start, UTC by ISO 8601, and its wall time."""
    total_s, reached = 0.0, float("-inf")
    for start, wall_s in sorted((datetime.fromisoformat(started).timestamp(), wall_s) for started, wall_s in spans):
        total_s += max(0.0, start + wall_s - max(start, reached))
        reached = max(reached, start + wall_s)
    return total_s
