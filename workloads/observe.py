"""What can be seen of a process from the inside, whatever it was asked to do. Linux; no TensorFlow of its own.

Where something cannot be seen (no /proc, a TensorFlow that moved a private name) the answer is None:
a record with a gap is worth more than no record.
"""

from __future__ import annotations

import os
import resource
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workloads.record import Usage

SELF = Path("/proc/self")


@dataclass(frozen=True)
class Threads:
    """The threads of a process by name."""

    own: str  # the process's name, which threads carry that nobody named
    by_name: Counter[str]


def spent() -> Usage:
    """What this process has used so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return Usage(
        cpu_s=used.ru_utime + used.ru_stime,
        peak_rss_bytes=used.ru_maxrss * 1024,  # Linux counts it in KiB
        voluntary_switches=used.ru_nvcsw,
        involuntary_switches=used.ru_nivcsw,
    )


def between(earlier: Usage, later: Usage) -> Usage:
    """What was used between two moments; the peak stays the whole process's."""
    return Usage(
        cpu_s=round(later.cpu_s - earlier.cpu_s, 6),
        peak_rss_bytes=later.peak_rss_bytes,
        voluntary_switches=later.voluntary_switches - earlier.voluntary_switches,
        involuntary_switches=later.involuntary_switches - earlier.involuntary_switches,
    )


def threads(proc: Path = SELF) -> Threads | None:
    """The process's threads now."""
    try:
        own = (proc / "comm").read_text().strip()
        by_name = Counter(_names(proc / "task"))
    except OSError:
        return None
    return Threads(own, by_name)


def _names(task: Path) -> list[str]:
    names = []
    for thread in task.iterdir():
        try:
            names.append((thread / "comm").read_text().strip())
        except OSError:  # it ended after it was listed
            continue
    return names


def inter_threads(after: Threads | None) -> int | None:
    """TensorFlow's inter-op threads: it names them ``tf_Compute``."""
    return None if after is None else after.by_name["tf_Compute"]


def intra_threads(before: Threads | None, after: Threads | None) -> int | None:
    """TensorFlow's intra-op threads: those without a name that came when its context started.

    A difference, because NumPy's OpenBLAS has brought unnamed threads by then.
    """
    if before is None or after is None:
        return None
    return after.by_name[after.own] - before.by_name[before.own]


def total(seen: Threads | None) -> int:
    """All threads; 0 if they could not be seen."""
    return 0 if seen is None else seen.by_name.total()


def process_age_s(proc: Path = SELF) -> float:
    """Seconds since this process was started, to 10 ms, the kernel's unit here."""
    # Field 22 of proc(5); the second field is a name that may itself hold spaces and brackets.
    after_name = (proc / "stat").read_text().rpartition(")")[2].split()
    started_s = int(after_name[19]) / os.sysconf("SC_CLK_TCK")
    return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - started_s)


def cpus() -> list[int]:
    """The affinity mask: TensorFlow sizes its pools by it."""
    return sorted(os.sched_getaffinity(0))


def onednn() -> bool | None:
    """Whether TensorFlow's oneDNN operations are on, by its own word on build, CPU and environment."""
    try:
        from tensorflow.python.util import _pywrap_util_port
    except ImportError:
        return None
    answer: Any = getattr(_pywrap_util_port, "IsMklEnabled", None)
    return None if answer is None else bool(answer())
