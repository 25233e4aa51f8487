"""A fixed amount of work that says what the machine gives at this moment. Standard library only.

PBKDF2 does exactly the same work each time, needs no memory, and releases Python's lock, so that threads run it side by
side. Done by one thread, then by one for each CPU of the affinity mask.

    python3 -m workloads.harness.canary SECONDS    ticks when told to, as a server, about SECONDS each

The server reads one line `{"order":"tick"}` for each tick and answers with one line: a `Ticked`. It ends with its
standard input.
"""

import hashlib
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from workloads.vocabulary.protocol import Ready, Ticked, to_line

# The work that times are given for, however much of it a tick does: 10 ms on a CPU of 2025.
ITERATIONS = 40_000

# Below it, half a millisecond, waking the threads takes longer than their work.
_FEWEST = 2_000

# The better of two: a single interruption is no state of the machine.
_TURNS = 2


@dataclass(frozen=True)
class Canary:
    """The fixed work on the CPUs of this process, in seconds."""

    one_s: float  # on one CPU
    all_s: float  # the same on each CPU at once
    cpus: int

    @property
    def capacity(self) -> float:
        """How many CPUs' work got done at once: `cpus` on a quiet machine with real cores."""
        return self.cpus * self.one_s / self.all_s


class Bird:
    """Takes the canary again and again, on threads that stay: one on each CPU.

    Each is bound to its CPU. Left to the scheduler, two threads that are woken at once may begin on one CPU, and a tick
    of a few milliseconds is over before they are told apart: a quiet machine would look like half of one.
    """

    def __init__(self) -> None:
        cpus = sorted(os.sched_getaffinity(0))
        self._threads = [ThreadPoolExecutor(1, initializer=_bind, initargs=(cpu,)) for cpu in cpus]

    @property
    def cpus(self) -> int:
        """On how many it ticks."""
        return len(self._threads)

    def take(self, iterations: int = ITERATIONS) -> Canary:
        """One canary; its times are those of the full work, also where only so many iterations were done."""
        _timed(self._threads, 1)  # the threads are there, and the CPUs awake, before the clock runs
        scale = ITERATIONS / iterations
        one_s = min(_timed([self._threads[turn % self.cpus]], iterations) for turn in range(_TURNS)) * scale
        all_s = min(_timed(self._threads, iterations) for _ in range(_TURNS)) * scale
        return Canary(round(one_s, 6), round(all_s, 6), self.cpus)


def take() -> Canary:
    """One canary on the CPUs of this process's affinity mask; about 40 ms."""
    return Bird().take()


def iterations_for(seconds: float, full: Canary) -> int:
    """How many iterations make a tick of about so many seconds, all that `take` does together."""
    share = seconds / (_TURNS * (full.one_s + full.all_s))
    return min(ITERATIONS, max(_FEWEST, int(ITERATIONS * share)))


def _bind(cpu: int) -> None:
    os.sched_setaffinity(0, {cpu})  # of the calling thread alone


def _timed(threads: list[ThreadPoolExecutor], iterations: int) -> float:
    start = time.perf_counter()
    for done in [thread.submit(_work, iterations) for thread in threads]:
        done.result()
    return time.perf_counter() - start


def _work(iterations: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", b"threadmark", b"canary", iterations)


def serve(seconds: float) -> None:
    """Tick for each line of standard input, until it ends."""
    bird = Bird()
    iterations = iterations_for(seconds, bird.take())
    print(to_line(Ready(peak_rss_bytes=0)), flush=True)
    for _ in sys.stdin:
        seen = bird.take(iterations)
        print(to_line(Ticked(seen.one_s, seen.all_s, seen.cpus)), flush=True)


if __name__ == "__main__":
    serve(float(sys.argv[1]))
