"""Look the machine over before a run: what would stop it, what would make it noisy, and what to do about it.

Changes nothing, installs nothing, needs neither an engine nor root. One container is started, to see what the engine
holds it to, unless a run is under way.
"""

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil

from containers.doctor import clock as doctor_clock
from containers.doctor import engine as doctor_engine
from containers.doctor import locks as doctor_locks
from containers.doctor import noise as doctor_noise
from containers.doctor import room as doctor_room
from containers.doctor.lines import Checkup, Line, State, checkup, line
from containers.engine import connection as engine
from containers.engine import gpus
from containers.host.machine import this_host
from containers.images import recipe
from containers.images.declaration import declarations
from containers.plan.config import read, validate
from containers.plan.make import contexts_of, make_plan
from containers.rounds import progress
from workloads.vocabulary.errors import EngineError, ThreadmarkError


@dataclass(frozen=True)
class Wanted:
    """What a config asks of this machine."""

    line: Line
    results: Path = Path("results")
    machine: str | None = None
    images: dict[str, str] | None = None  # name -> identity of the recipe
    named_base: bool = False
    limit: int | None = None  # bytes of memory for a launch
    launches: int | None = None  # still to make
    own: list[Path] = field(default_factory=list)  # folders of images that are none of the suite's


def wanted(path: Path) -> Wanted:
    """What the config in a file asks for; a line that says why where it cannot be told."""
    try:
        config = validate(read(path))
        plan = make_plan(config, this_host(), contexts_of(config))
    except ThreadmarkError as error:
        # Whether there is a GPU to plan for is the engine's to say, and its absence has a line of its own.
        state: State = "unavailable" if isinstance(error, EngineError) else "problem"
        return Wanted(line("config", str(path), state, error.what, error.remedy))
    results = Path(config.results) / plan.machine
    return Wanted(
        line=line("config", str(path), "ok", progress.summary(results, plan).removeprefix("threadmark: ")),
        results=Path(config.results),
        machine=plan.machine,
        images=plan.images,
        own=config.own_image_folders,
        named_base=config.base_image is not None and config.base != "bootstrap",
        limit=max((cell.limits.memory_bytes for cell in plan.cells), default=None),
        launches=(run := progress.ahead(results, plan)).most - run.done,
    )


def examine(config: Path) -> Checkup:
    """The whole check-up."""
    asked = wanted(config)
    locks = doctor_locks.look(asked.results, asked.machine)
    facts: doctor_engine.EngineFacts | None = None
    try:
        client = engine.connect()
        facts = doctor_engine.look(
            client, asked.images or {}, named_base=asked.named_base, busy=locks.machine is not None
        )
        about_engine = doctor_engine.judge(facts)
    except EngineError as error:
        about_engine = doctor_engine.absent(error, gpus.names())
    memory = psutil.virtual_memory()
    room = doctor_room.RoomFacts(
        memory=memory.total,
        available=memory.available,
        limit=asked.limit,
        results_free=shutil.disk_usage(_standing(asked.results)).free,
        cache_free=shutil.disk_usage(_standing(recipe.CACHE)).free,
        engine_free=None if facts is None else doctor_engine.free_at(facts.root, facts.here),
        launches=asked.launches,
        to_build=[]
        if facts is None
        else [image for image in declarations(own=asked.own) if facts.images.get(image.name) is False],
    )
    lines = [
        *about_engine,
        *doctor_room.judge(room),
        *doctor_noise.judge(doctor_noise.look()),
        *doctor_clock.judge(doctor_clock.look()),
        *doctor_locks.judge(locks),
        asked.line,
    ]
    return checkup(in_order(lines), datetime.now(UTC).isoformat(timespec="seconds"))


def in_order(lines: list[Line]) -> list[Line]:
    """The lines of each subject together, subjects in the order in which they came up first."""
    subjects = list(dict.fromkeys(line.subject for line in lines))
    return sorted(lines, key=lambda line: subjects.index(line.subject))


def _standing(path: Path) -> Path:
    """The nearest folder that is there."""
    return next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.is_dir())
