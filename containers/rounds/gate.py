"""Before a round: wait, for a while, until the machine is as it usually is."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from containers.rounds.disturbance import SLOWER, Usual
from workloads.harness import canary
from workloads.vocabulary.record import Canary

PAUSE_S = 5.0
MOST_PAUSES = 4  # spells last about 20 s (docs/method.md#noise-of-a-shared-machine)


def wait_until_quiet(
    usual: Usual,
    tell: Callable[[str], None],
    take: Callable[[], Canary] = canary.take,
    sleep: Callable[[float], None] = time.sleep,
    within_s: float = math.inf,
) -> float:
    """Take the canary here until all CPUs together give what they usually do; gives the seconds that this took.

    By the ratio of all CPUs to one, because this process's Python need not be the containers'. It speaks of the
    machine that the runner is on. One that stays loud is measured all the same, after 20 s or `within_s`.
    """
    started = time.monotonic()
    most = int(min(MOST_PAUSES * PAUSE_S, max(0.0, within_s)) // PAUSE_S)
    for pause in range(most + 1):
        seen = take()
        crowded = seen.cpus == usual.cpus and seen.all_s / seen.one_s > SLOWER * usual.all_by_one
        if not crowded or pause == most:
            break
        if pause == 0:
            tell(
                f"waiting up to {PAUSE_S * most:g} s for a quieter machine:"
                f" {seen.cpus} CPUs give the work of {seen.capacity:.2f}"
            )
        sleep(PAUSE_S)
    return time.monotonic() - started
