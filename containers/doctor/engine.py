"""The container engine, what it holds launches to, the images in it, and the GPU that it can hand out."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from containers.clean import things as ours
from containers.clean.things import Level
from containers.doctor.lines import Line
from containers.engine import capabilities, gpus
from containers.engine import connection as engine
from containers.engine.capabilities import Capability
from containers.engine.connection import Client
from containers.engine.labels import LABEL
from containers.images import store as images
from containers.images.bases import NAME, RECIPE
from containers.images.recipe_identities import current_recipes
from workloads.vocabulary.errors import EngineError

# Without these a run measures something else than its settings say, or may take the machine with it.
_NEEDED = {"cpuset", "memory limit"}


@dataclass(frozen=True)
class EngineFacts:
    """What an engine is and holds."""

    about: dict[str, str]  # engine.describe
    root: str  # where it keeps images, on its own machine
    warnings: list[str]  # its own
    capabilities: list[Capability] | None  # None: not probed, because a run is under way
    here: bool | None  # its containers run on this machine's kernel; None: not probed
    images: dict[str, bool]  # those that a run needs: built by today's recipe?
    base: bool  # a base stands, or comes from a registry
    bootstrap: bool  # a base can be bootstrapped
    ours: dict[Level, int] = field(default_factory=dict)  # how many things of this suite it holds
    running: list[str] = field(default_factory=list)  # other containers that run now
    gpus: list[str] = field(default_factory=list)
    gpu_reason: EngineError | None = None  # why none can be handed out


def judge(facts: EngineFacts) -> list[Line]:
    """What an engine that answers is fit for."""
    about = facts.about
    named = f"{about['name']} {about['version']}, API {about['api']}"
    return [
        Line(subject="engine", name="version", state="ok", seen=named),
        Line(subject="engine", name="storage", state="ok", seen=about["storage"]),
        Line(subject="engine", name="control groups", state="ok", seen=about["cgroup"]),
        Line(subject="engine", name="rootless", state="ok", seen=about["rootless"]),
        _architecture(about["architecture"]),
        _place(facts.here),
        *_limits(facts.capabilities),
        *(
            Line(subject="engine", name=f"warning {number}", state="note", seen=warning)
            for number, warning in enumerate(facts.warnings, start=1)
        ),
        _others(facts.running),
        *(_image(name, stands, facts) for name, stands in facts.images.items()),
        _leftovers(facts.ours),
        _gpu(facts.gpus, facts.gpu_reason),
    ]


def absent(error: EngineError, gpus: list[str]) -> list[Line]:
    """What is said where no engine answers; `gpus`: those that the driver knows."""
    return [
        Line(subject="engine", name="version", state="problem", seen=error.what, remedy=error.remedy),
        Line(subject="images", name="images", state="unavailable", seen="no engine answers"),
        _gpu(gpus, EngineError("no engine answers that could hand it out")),
    ]


def _architecture(seen: str) -> Line:
    if seen == "amd64":
        return Line(subject="engine", name="architecture", state="ok", seen=seen)
    remedy = "the images are made for x86-64: use an engine on such a machine, by DOCKER_HOST"
    return Line(subject="engine", name="architecture", state="problem", seen=seen, remedy=remedy)


def _place(here: bool | None) -> Line:
    if here is None:
        return Line(subject="engine", name="place", state="unavailable", seen="not probed: a run is under way")
    if here:
        return Line(subject="engine", name="place", state="ok", seen="its containers run on this machine")
    return Line(
        subject="engine",
        name="place",
        state="problem",
        seen="its containers run on another machine or in a virtual one, and the report would describe this one",
        remedy="start the run there, or unset DOCKER_HOST",
    )


def _limits(found: list[Capability] | None) -> list[Line]:
    if found is None:
        seen = "not probed: a run is under way"
        return [Line(subject="engine", name="limits", state="unavailable", seen=seen)]
    return [
        Line(subject="engine", name=one.name, state="ok", seen="seen from inside a container")
        if one.missing is None
        else Line(
            subject="engine",
            name=one.name,
            state="problem" if one.name in _NEEDED else "note",
            seen=f"{one.missing}, so that {one.matters}",
            remedy="run the engine as root, or delegate the controllers cpuset, cpu, memory and pids to this user",
        )
        for one in found
    ]


def _others(running: list[str]) -> Line:
    if not running:
        return Line(subject="noise", name="other containers", state="ok", seen="none runs")
    seen = f"{len(running)} run beside the launches: {', '.join(running[:5])}"
    remedy = f"docker stop {' '.join(running[:5])} (those that need not run)"
    return Line(subject="noise", name="other containers", state="note", seen=seen, remedy=remedy)


def _image(name: str, stands: bool, facts: EngineFacts) -> Line:
    if stands:
        return Line(subject="images", name=name, state="ok", seen="stands, as today's recipe makes it")
    if facts.base or facts.bootstrap:
        remedy = "make report builds it: minutes, and the package index has to answer"
        return Line(subject="images", name=name, state="note", seen="not built by today's recipe", remedy=remedy)
    remedy = "sudo apt-get install mmdebstrap debian-archive-keyring, or name a base: base_image: NAME@sha256:DIGEST"
    seen = "not built, and there is neither a base nor mmdebstrap to make one"
    return Line(subject="images", name=name, state="problem", seen=seen, remedy=remedy)


def _leftovers(counts: Mapping[Level, int]) -> Line:
    left, old = counts.get("leftovers", 0), counts.get("old", 0)
    seen = f"{left} left by runs that were stopped, {old} of other versions or models"
    if not left and not old:
        return Line(subject="images", name="leftovers", state="ok", seen="none")
    return Line(subject="images", name="leftovers", state="note", seen=seen, remedy="make clean LEVEL=old")


def _gpu(names: list[str], reason: EngineError | None) -> Line:
    if not names:
        seen = "no driver with a GPU on this machine: what asks for one is left out"
        return Line(subject="gpu", name="NVIDIA", state="ok", seen=seen)
    listed = ", ".join(names)
    if reason is None:
        return Line(subject="gpu", name="NVIDIA", state="ok", seen=f"{listed}; the engine hands them out")
    return Line(subject="gpu", name="NVIDIA", state="note", seen=f"{listed}, but {reason.what}", remedy=reason.remedy)


def look(client: Client, wanted: Mapping[str, str], *, named_base: bool, busy: bool) -> EngineFacts:
    """Ask the engine; `wanted`: image -> identity of its recipe. While a run is under way (`busy`) nothing is started.

    Raises EngineError if it stops answering, or cannot run a container.
    """
    recipes = current_recipes()
    found = None if busy else capabilities.probe(client)
    with engine.engine_errors("saying what it holds"):
        info = client.info()
        listed = client.api.containers()
        standing = {
            name: images.find(client, {LABEL: "image", NAME: name, RECIPE: recipe}) is not None
            for name, recipe in wanted.items()
        }
        bases = client.api.images(filters={"label": [f"{LABEL}=base"]})
    levels = [thing.level for thing in ours.in_engine(client, recipes)]
    return EngineFacts(
        about=engine.describe(client),
        root=str(info.get("DockerRootDir", "")),
        warnings=[str(warning) for warning in info.get("Warnings") or []],
        capabilities=None if found is None else found.capabilities,
        here=None if found is None else found.here,
        images=standing,
        base=named_base or any((one.get("Labels") or {}).get(RECIPE) in recipes for one in bases),
        bootstrap=shutil.which("mmdebstrap") is not None,
        ours={level: levels.count(level) for level in ours.LEVELS},
        running=[_name(one) for one in listed if not ours.container_is_ours(one)],
        gpus=gpus.names(),
        gpu_reason=EngineError("it was not asked for it: a run is under way") if busy else gpus.missing(client),
    )


def _name(container: Mapping[str, object]) -> str:
    names = container.get("Names")
    return str(names[0]).lstrip("/") if isinstance(names, list) and names else str(container["Id"])[:12]


def free_at(root: str, here: bool | None) -> int | None:
    """The space that is free where the engine keeps its images, in bytes; None where that is not on this machine."""
    path = Path(root)
    return shutil.disk_usage(path).free if root and here is not False and path.is_dir() else None
