"""One thing at a time on a machine: a measurement beside a build, or beside another one, measures both."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

LOCK = Path(tempfile.gettempdir()) / "threadmark.lock"


@contextmanager
def alone(say: Callable[[str], None]) -> Iterator[None]:
    """Hold the machine's lock; where another process holds it, say so and wait. A process that dies lets go."""
    lock = FileLock(LOCK, mode=0o666)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        say(f"another run builds or measures on this machine ({LOCK} is locked); waiting for its turn to end ...")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
