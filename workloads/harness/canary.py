"""A fixed amount of work that says what the machine gives at this moment. Standard library only.

PBKDF2 does exactly the same work each time, takes 10 ms, needs no memory, and releases Python's lock, so
that threads run it side by side. Done by one thread, then by one for each CPU of the affinity mask.

    python3 -m workloads.harness.canary REPEATS     so many of them, as one line of JSON
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

from workloads.vocabulary.record import Canary

_ITERATIONS = 40_000
_TURNS = 2  # the better of two: a single interruption is no state of the machine


def take() -> Canary:
    """One canary on the CPUs of this process's affinity mask; about 40 ms."""
    cpus = len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(cpus) as pool:
        list(pool.map(_work, [1] * cpus))  # the threads are there, and the CPUs awake, before the clock runs
        one_s = min(_timed(pool, 1) for _ in range(_TURNS))
        all_s = min(_timed(pool, cpus) for _ in range(_TURNS))
    return Canary(round(one_s, 6), round(all_s, 6), cpus)


def _timed(pool: ThreadPoolExecutor, workers: int) -> float:
    start = time.perf_counter()
    list(pool.map(_work, [_ITERATIONS] * workers))
    return time.perf_counter() - start


def _work(iterations: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", b"threadmark", b"canary", iterations)


if __name__ == "__main__":
    print(json.dumps([asdict(take()) for _ in range(int(sys.argv[1]))]))
