"""The threads of a process that call its workload at the same time; one is the rule."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from workloads.harness.neighbours import Neighbours

T = TypeVar("T")


class Callers:
    """As many threads as there are seats; between calls they wait and use no CPU."""

    def __init__(self, seats: Sequence[Neighbours]) -> None:
        self._seats = seats
        self._threads = ThreadPoolExecutor(len(seats)) if len(seats) > 1 else None

    @property
    def number(self) -> int:
        """How many they are."""
        return len(self._seats)

    def each(self, do: Callable[[Neighbours], T]) -> list[T]:
        """Let each do it, all at once, and wait for all. Raises what one of them raised."""
        if self._threads is None:
            return [do(self._seats[0])]
        return list(self._threads.map(lambda seat: _done(do, seat), self._seats))


def _done(do: Callable[[Neighbours], T], seat: Neighbours) -> T:
    try:
        return do(seat)
    except BaseException:
        seat.leave()  # or the others would wait for it for ever
        raise
