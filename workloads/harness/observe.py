"""What can be seen of a process from the inside, whatever it was asked to do. Linux; no TensorFlow of its own.

Where something cannot be seen (no /proc, a TensorFlow that moved a private name) the answer is None:
a record with a gap is worth more than no record.
"""

import os
import resource
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workloads.vocabulary.record import Surroundings, Usage

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


def total_usage(parts: list[Usage]) -> Usage:
    """What was used in several stretches together; the peak is the whole process's by now."""
    return Usage(
        cpu_s=round(sum(part.cpu_s for part in parts), 6),
        peak_rss_bytes=spent().peak_rss_bytes,
        voluntary_switches=sum(part.voluntary_switches for part in parts),
        involuntary_switches=sum(part.involuntary_switches for part in parts),
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


def allocator(proc: Path = SELF) -> str:
    """Which library gives the process its memory, by what is mapped into it."""
    try:
        maps = (proc / "maps").read_text()
    except OSError:
        return "unknown"
    return next((name for name in ("tcmalloc", "jemalloc") if f"lib{name}" in maps), "libc")


def throttled_s(cgroup: Path = Path("/sys/fs/cgroup")) -> float | None:
    """How long the container's CPU quota has held it up so far, cgroup v2 or v1."""
    for file, key, unit in (
        (cgroup / "cpu.stat", "throttled_usec", 1e-6),
        (cgroup / "cpu/cpu.stat", "throttled_time", 1e-9),
    ):
        values = _pairs(file)
        if key in values:
            return float(values[key]) * unit
    return None


@dataclass(frozen=True)
class Ticking:
    """Counters of the kernel, in seconds since it started; a difference says what happened meanwhile."""

    steal_s: float | None
    pressure_s: float | None


def ticking(proc: Path = Path("/proc")) -> Ticking:
    """The counters now. The machine's, not the container's: the kernel has only these."""
    try:
        first = (proc / "stat").read_text().splitlines()[0].split()
        steal: float | None = int(first[8]) / os.sysconf("SC_CLK_TCK")  # eighth column of proc(5)
    except (OSError, IndexError, ValueError):
        steal = None
    try:
        some = (proc / "pressure/cpu").read_text().splitlines()[0]
        pressure: float | None = int(some.rpartition("total=")[2]) * 1e-6
    except (OSError, IndexError, ValueError):
        pressure = None
    return Ticking(steal, pressure)


def surroundings(since: Ticking, proc: Path = Path("/proc"), sys: Path = Path("/sys")) -> Surroundings:
    """What the kernel tells of the machine since then; None where it does not."""
    now = ticking(proc)
    try:
        load: float | None = float((proc / "loadavg").read_text().split()[0])
    except (OSError, IndexError, ValueError):
        load = None
    return Surroundings(
        load=load,
        steal_s=growth(since.steal_s, now.steal_s),
        pressure_s=growth(since.pressure_s, now.pressure_s),
        mhz=_mean([khz / 1000 for khz in _numbers(sys, "devices/system/cpu/cpu*/cpufreq/scaling_cur_freq")]),
        celsius=max((value / 1000 for value in _numbers(sys, "class/thermal/thermal_zone*/temp")), default=None),
    )


def growth(before: float | None, after: float | None) -> float | None:
    """What a counter grew by; None if it could not be read."""
    return None if before is None or after is None else round(after - before, 6)


def _mean(values: list[float]) -> float | None:
    return round(sum(values) / len(values), 1) if values else None


def _numbers(root: Path, pattern: str) -> list[int]:
    numbers = []
    for path in sorted(root.glob(pattern)):
        try:
            numbers.append(int(path.read_text()))
        except (OSError, ValueError):
            continue
    return numbers


def _pairs(path: Path) -> dict[str, str]:
    try:
        return dict(line.split(maxsplit=1) for line in path.read_text().splitlines() if " " in line)
    except OSError:
        return {}


def onednn() -> bool | None:
    """Whether TensorFlow's oneDNN operations are on, by its own word on build, CPU and environment."""
    try:
        from tensorflow.python.util import _pywrap_util_port
    except ImportError:
        return None
    answer: Any = getattr(_pywrap_util_port, "IsMklEnabled", None)
    return None if answer is None else bool(answer())
