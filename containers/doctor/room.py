"""Is there enough disk and memory for a run?"""

from dataclasses import dataclass, field

from containers.doctor.lines import Line, line
from containers.images.declaration import Declaration
from workloads.vocabulary.amounts import size

_BASE = 500_000_000  # the archive of a base's file system, and the image of it
_LAUNCH = 20_000  # a record is 7 kB in the published run, more with many samples
_REST = 50_000_000  # tables, figures, report, logs


@dataclass(frozen=True)
class RoomFacts:
    """What there is, and what the run needs. None: not known. All in bytes."""

    memory: int
    available: int
    limit: int | None  # the largest memory limit of a launch
    results_free: int
    cache_free: int
    engine_free: int | None
    launches: int | None  # still to make
    to_build: list[Declaration] = field(default_factory=list)  # images


def judge(facts: RoomFacts) -> list[Line]:
    """Four lines: three places that are written to, and memory."""
    records = _REST + _LAUNCH * (facts.launches or 0)
    base = _BASE if facts.to_build else 0
    wheels = sum(image.wheels_bytes for image in facts.to_build)
    # While an image is built, the engine holds its wheels twice, as context and as layer, and its packages in both
    # stages.
    engine = sum(2 * image.wheels_bytes + 2 * image.image_bytes for image in facts.to_build)
    return [
        _disk("results", facts.results_free, records),
        _disk("cache", facts.cache_free, wheels + base),
        _disk("engine", facts.engine_free, engine + base),
        _memory(facts),
    ]


def _disk(name: str, free: int | None, needed: int) -> Line:
    if free is None:
        return line("disk", name, "unavailable", "not on this machine, or no engine answers")
    seen = f"{size(free)} free, {size(needed)} needed at most"
    if free >= needed:
        return line("disk", name, "ok", seen)
    remedy = "free space there; make clean shows what this suite could give back"
    return line("disk", name, "problem", seen, remedy)


def _memory(facts: RoomFacts) -> Line:
    seen = f"{size(facts.available)} of {size(facts.memory)} available"
    if facts.limit is None:
        return line("memory", "memory", "ok", seen)
    seen += f"; a launch may take {size(facts.limit)}"
    if facts.limit <= facts.available:
        return line("memory", "memory", "ok", seen)
    remedy = "end what need not run, or lower limits.memory in the config"
    return line("memory", "memory", "note", seen, remedy)
