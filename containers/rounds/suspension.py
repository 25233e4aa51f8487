"""A machine that was suspended in the middle of a launch: seen from its clocks, never from what the launch timed."""

from __future__ import annotations

import time

# Below this, two clocks that are read one after the other may differ by chance.
SHORTEST_S = 0.05


def suspended_s() -> float:
    """How long this machine has been suspended since it started: one of Linux's clocks goes on meanwhile, one stops."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)


def interruption(suspended_s: float, paused: bool) -> str | None:
    """Why a launch is to be set aside, in one sentence; None if it ran through. `suspended_s` is within the launch."""
    if paused:
        return "somebody paused the launch's container"
    if suspended_s >= SHORTEST_S:
        return f"the machine was suspended for {suspended_s:.1f} s during the launch"
    return None
