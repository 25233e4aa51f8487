"""A machine that was suspended while it measured: seen from its clocks, never from what was timed."""

import time

# Below this, two clocks that are read one after the other may differ by chance.
SHORTEST_S = 0.05


def suspended_s() -> float:
    """How long this machine has been suspended since it started: one of Linux's clocks goes on meanwhile, one stops."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
