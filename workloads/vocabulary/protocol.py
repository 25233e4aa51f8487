"""What a runner and a launch say to each other: one line of JSON each way. Standard library only.

The runner gives orders, each of which has one answer:

    (start)  Ready       built, checked and warm
    slice    Sliced      took a turn
    end      Finished    checked again, and the whole measurement
    tick     Ticked      of a canary, not of a launch

`Ended` may come instead of any of them: the measured process is gone. It is the last line.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

# The exit status of a supervisor whose runner let go of it; a worker that ends so is told of by `Ended`.
ORPHANED = 75

OrderName = Literal["slice", "end", "tick"]

# Of a line: a measurement of a million samples has a quarter of that.
MOST_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Order:
    """What a launch is to do next. The supervisor fills in what it saw while the launch waited."""

    order: OrderName
    idle_s: float = 0.0  # since the answer before
    idle_cpu_s: float | None = None  # CPU time of the launch meanwhile; None: could not be seen
    held: bool = False  # the launch was stopped meanwhile


@dataclass(frozen=True)
class Ready:
    """The launch waits for its first turn."""

    peak_rss_bytes: int  # the most memory that it held so far
    answer: Literal["ready"] = "ready"


@dataclass(frozen=True)
class Sliced:
    """A turn was taken; the samples come with the measurement."""

    calls: int  # that count
    wall_s: float  # all of them together
    typical_s: float  # of one of them: the median sample
    ramp_s: float  # the calls before, that do not count
    work: float = 1.0  # that one call does: a setting may be of a parameter that changes it
    answer: Literal["sliced"] = "sliced"


@dataclass(frozen=True)
class Ticked:
    """A tick of the canary, in seconds of its full work."""

    one_s: float
    all_s: float
    cpus: int
    answer: Literal["ticked"] = "ticked"


@dataclass(frozen=True)
class Finished:
    """The last answer of a launch that went well."""

    measurement: dict[str, Any]  # a Measurement
    answer: Literal["finished"] = "finished"


@dataclass(frozen=True)
class Ended:
    """The measured process is gone, and how."""

    exit_code: int  # 128 + n where signal n ended it, as a shell has it
    out_of_memory: bool  # the kernel killed it at the container's memory limit
    nonsense: str | None = None  # what it answered that is not of this protocol, cut short
    answer: Literal["ended"] = "ended"


Answer = Ready | Sliced | Ticked | Finished | Ended


def to_line(document: Order | Answer) -> str:
    """One line of JSON, without its end. Raises ValueError for NaN and infinities, which JSON does not have."""
    return json.dumps(asdict(document), separators=(",", ":"), allow_nan=False)
