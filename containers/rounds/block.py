"""The launches of a block: started beside each other as far as memory goes, and gone when the block ends."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

from containers.engine.container import interrupts_held
from containers.launch.begun import Begun
from containers.launch.prepared import Launch
from workloads.vocabulary.errors import EngineError

log = logging.getLogger("threadmark.run")

Begin = Callable[[Launch], Begun]
# (the most bytes of an instance so far, instances begun, of them starting): whether there is room for one more.
# A launch of several asks for its last one.
HasRoom = Callable[[int, int, int], bool]


class Block:
    """The launches that are up, or were, in the order in which they were started."""

    def __init__(self) -> None:
        self.begun: list[Begun] = []
        self._lock = threading.Lock()
        self._ending = False

    @property
    def largest_bytes(self) -> int:
        """The most memory that an instance of them held when it was ready; 0 if none was."""
        return max((begun.peak_rss_bytes // begun.launch.case.instances for begun in self.begun), default=0)

    def start(self, begin: Begin, launch: Launch) -> None:
        """Start a launch and wait until it is ready for its turns, or has ended."""
        begun = begin(launch)
        with self._lock:
            self.begun.append(begun)
            ending = self._ending
        if ending:
            begun.remove()
        else:
            begun.wait_until_ready()

    def end(self) -> None:
        """Remove all of them. Raises EngineError, when all has been tried."""
        with self._lock:
            self._ending, begun = True, list(self.begun)
        errors = []
        for launch in begun:
            try:
                launch.remove()
            except EngineError as error:
                errors.append(error)
        if errors:
            raise errors[0]

    def finish(self, threads: int) -> None:
        """Ask all of them for their measurements, and see them end; so many at a time."""
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(Begun.finish, self.begun))


@contextmanager
def started_block(
    launches: Sequence[Launch], begin: Begin, has_room: HasRoom, threads: int, first: int = 1
) -> Iterator[Block]:
    """Start the first launches, then as many of the others as there is room for, `threads` at a time.

    The first ones tell how much memory the others will want. Their order is kept. Threads start them, whom no interrupt
    reaches: a request to the engine that is cut short leaves a container behind whose name nobody was told.
    """
    block, pool = Block(), ThreadPoolExecutor(threads)
    is_whole = False
    try:
        for starting in [pool.submit(block.start, begin, launch) for launch in launches[:first]]:
            starting.result()
        _start_others(block, list(launches[first:]), begin, has_room, pool, threads)
        block.begun.sort(key=lambda begun: launches.index(begun.launch))  # threads may have swapped two
        yield block
        is_whole = True
    finally:
        with interrupts_held():
            _end(block, pool, tell=is_whole)


def _start_others(
    block: Block, waiting: list[Launch], begin: Begin, has_room: HasRoom, pool: ThreadPoolExecutor, threads: int
) -> None:
    starting: dict[Future[None], int] = {}  # instances of each
    begun = sum(up.launch.case.instances for up in block.begun)
    while waiting or starting:
        while waiting and len(starting) < threads:
            instances = waiting[0].case.instances
            beside = instances - 1
            if not has_room(block.largest_bytes, begun + beside, sum(starting.values()) + beside):
                break
            starting[pool.submit(block.start, begin, waiting.pop(0))] = instances
            begun += instances
        if not starting:
            return
        done, _ = wait(starting, return_when=FIRST_COMPLETED)
        for future in done:
            del starting[future]
            future.result()


def _end(block: Block, pool: ThreadPoolExecutor, *, tell: bool) -> None:
    """Remove what is up and what is being started; an error on the way is told only where there is no other one."""
    try:
        block.end()
        pool.shutdown()
        block.end()
    except EngineError as error:
        pool.shutdown()
        if tell:
            raise
        log.debug("while ending a block: %s", error)
