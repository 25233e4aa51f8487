"""How far a run is, and how long the rest will take."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from statistics import fmean

from workloads.plan import Cell, Plan

OVERHEAD_S = 3.5
"""A launch's time beside warm-up and timing, until real ones are on file: engine, import, build, check."""

_RECENT_FILES = 12
_FIRST = re.compile(rb'"attempt":1,')
_WALL = re.compile(rb'"wall_s":([0-9.]+)')


def round_path(results: Path, cell: Cell, number: int) -> Path:
    """Where a round's records lie; the file exists once the round is whole."""
    return results / cell.directory / f"{number}.jsonl"


def done(results: Path, plan: Plan) -> int:
    """How many of the plan's launches are on file, those of rounds under way among them.

    Launches that were made again because the machine disturbed them are not in the plan, and do not count.
    """
    paths = [part for path in _paths(results, plan) for part in (path, path.with_name(path.name + ".partial"))]
    return sum(len(_FIRST.findall(_content(path))) for path in paths)


def recent(results: Path, plan: Plan, most: int) -> list[Path]:
    """The plan's rounds that were finished last, oldest first; at most so many."""
    files = [path for path in _paths(results, plan) if path.exists()]
    return sorted(files, key=lambda path: path.stat().st_mtime)[-most:]


def seconds_left(results: Path, plan: Plan) -> float:
    """An estimate, in seconds, of the time that the plan's other launches take.

    From the latest records on file where there are some, else from the timing that the config asks for.
    """
    return (plan.launches - done(results, plan)) * _seconds_a_launch(results, plan)


def summary(results: Path, plan: Plan) -> str:
    """What a run is about to do, in one line."""
    rounds = sum(cell.rounds for cell in plan.cells)
    ready = done(results, plan)
    measured = f", {ready} of them on file" if ready else ""
    return (
        f"threadmark: {plan.machine}: {plan.launches} launches in {rounds} rounds{measured};"
        f" about {duration(seconds_left(results, plan))} of measuring to go"
    )


def duration(seconds: float) -> str:
    """Seconds as people say them: `40 s`, `12 min`, `3 h 20 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


def _paths(results: Path, plan: Plan) -> Iterable[Path]:
    return (round_path(results, cell, number) for cell in plan.cells for number in range(1, cell.rounds + 1))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _seconds_a_launch(results: Path, plan: Plan) -> float:
    """What a planned launch takes, with those that had to be made again for it."""
    found = b"".join(_content(path) for path in recent(results, plan, _RECENT_FILES))
    if planned := len(_FIRST.findall(found)):
        return sum(float(wall) for wall in _WALL.findall(found)) / planned
    return fmean([cell.timing.warmup_s + cell.timing.measure_s + OVERHEAD_S for cell in plan.cells] or [0.0])
