"""The clocks that times are taken with: is the calendar right, and is the counter quick to read."""

import ctypes
from dataclasses import dataclass
from pathlib import Path

from containers.doctor.lines import Line

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
        calendar = Line(subject="clock", name="date", state="unavailable", seen="the kernel does not tell")
    elif facts.synchronised:
        calendar = Line(subject="clock", name="date", state="ok", seen="synchronised")
    else:
        calendar = Line(
            subject="clock",
            name="date",
            state="note",
            seen="not synchronised by this system: dates in records may be wrong, durations are not",
            remedy="sudo timedatectl set-ntp true",
        )
    if facts.source is None:
        counter = Line(subject="clock", name="counter", state="unavailable", seen="the kernel does not tell")
    elif facts.source in _QUICK:
        counter = Line(subject="clock", name="counter", state="ok", seen=facts.source)
    else:
        counter = Line(
            subject="clock",
            name="counter",
            state="note",
            seen=f"{facts.source}: slow to read, which weighs on short calls",
            remedy=f"echo tsc | sudo tee /{_SOURCE} (where available_clocksource beside it lists tsc)",
        )
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
