"""One build or measurement at a time on a machine: a measurement beside either would measure both."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from workloads.vocabulary.errors import RunError

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


@contextmanager
def alone_or_not_at_all(doing: str) -> Iterator[None]:
    """Hold the machine's lock; raises RunError where another process holds it. `doing`: what is refused then."""
    lock = FileLock(LOCK, mode=0o666)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise RunError(
            f"no {doing} while a run builds or measures on this machine ({LOCK} is locked)", "stop it, or let it end"
        ) from None
    try:
        yield
    finally:
        lock.release()
