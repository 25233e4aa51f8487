"""The callers of a launch, instances and threads of them, as one of them sees the others. Standard library only.

They share a page of memory. Each writes to its own places of it and reads all, so that none waits for a lock.
"""

from __future__ import annotations

import mmap
import os
import time
from collections.abc import Callable

_BYTES = 8  # of a number
_LAST = 2**62  # stage of one that is gone
_LOOK_S = 0.001


def shared_page(callers: int) -> int:
    """A descriptor of memory for so many callers, all zero."""
    page = os.memfd_create("callers")
    os.ftruncate(page, 2 * callers * _BYTES)
    return page


class Neighbours:
    """How far each caller has come, this one among them."""

    def __init__(self, page: memoryview, place: int, callers: int) -> None:
        """`page`: of `shared_page`. `place`: which of the callers this is, from 0."""
        numbers = page.cast("q")
        self._stages, self._values = numbers[:callers], numbers[callers:]
        self._place = place

    def arrive(self) -> Callable[[], bool]:
        """Say that this caller came to its next stage; gives whether all others have come as far."""
        stage = self._stages[self._place] + 1
        self._stages[self._place] = stage
        return lambda: min(self._stages) >= stage

    def leave(self) -> None:
        """Say that nobody need wait for this caller any more."""
        self._stages[self._place] = _LAST

    def largest(self, value: int) -> int:
        """The largest of the values that the callers bring; waits until all have brought theirs."""
        self._values[self._place] = value
        are_here = self.arrive()
        while not are_here():
            time.sleep(_LOOK_S)
        return max(self._values)


def seats_of_one(threads: int) -> list[Neighbours]:
    """The seats of the threads of an instance that is alone."""
    page = memoryview(bytearray(2 * threads * _BYTES))
    return [Neighbours(page, place, threads) for place in range(threads)]


def seats_of(page: int, instance: int, instances: int, threads: int) -> list[Neighbours]:
    """The seats of the threads of one of several instances, which was given the page's descriptor."""
    callers = instances * threads
    memory = memoryview(mmap.mmap(page, 2 * callers * _BYTES))
    return [Neighbours(memory, instance * threads + thread, callers) for thread in range(threads)]
