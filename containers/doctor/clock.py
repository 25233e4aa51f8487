"""The clocks that times are taken with: is the calendar right, and is the counter quick to read."""

import ctypes
from dataclasses import dataclass
from pathlib import Path

from containers.doctor.lines import Line, line

_SOURCE = "sys/devices/system/clocksource/clocksource0/current_clocksource"
# Read without leaving the process; with any other, each reading is a system call and slow.
_QUICK = {"tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter", "timebase", "tod"}
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised


@dataclass(frozen=True)
class ClockFacts:
    """What the kernel says of its clocks. None: it does not."""

    synchronised: bool | None
    source: str | None


def judge(facts: ClockFacts) -> list[Line]:
    """Two lines: calendar and counter."""
    if facts.synchronised is None:
        calendar = line("clock", "date", "unavailable", "the kernel does not tell")
    elif facts.synchronised:
        calendar = line("clock", "date", "ok", "synchronised")
    else:
        seen = "not synchronised by this system: dates in records may be wrong, durations are not"
        calendar = line("clock", "date", "note", seen, "sudo timedatectl set-ntp true")
    if facts.source is None:
        counter = line("clock", "counter", "unavailable", "the kernel does not tell")
    elif facts.source in _QUICK:
        counter = line("clock", "counter", "ok", facts.source)
    else:
        remedy = f"echo tsc | sudo tee /{_SOURCE} (where available_clocksource beside it lists tsc)"
        counter = line("clock", "counter", "note", f"{facts.source}: slow to read, which weighs on short calls", remedy)
    return [calendar, counter]


def look(root: Path = Path("/")) -> ClockFacts:
    """Ask the kernel; needs no rights."""
    try:
        source: str | None = (root / _SOURCE).read_text().strip()
    except OSError:
        source = None
    return ClockFacts(_synchronised(), source)


def _synchronised() -> bool | None:
    asked = ctypes.create_string_buffer(256)  # struct timex, all zero: nothing is set
    try:
        state = int(ctypes.CDLL(None).adjtimex(asked))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != _TIME_ERROR
