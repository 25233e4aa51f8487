"""The container engine, what it holds launches to, the images in it, and the GPU that it can hand out."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from containers.clean import things as ours
from containers.clean.things import Level
from containers.doctor.lines import Line, line
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
        line("engine", "version", "ok", named),
        line("engine", "storage", "ok", about["storage"]),
        line("engine", "control groups", "ok", about["cgroup"]),
        line("engine", "rootless", "ok", about["rootless"]),
        _architecture(about["architecture"]),
        _place(facts.here),
        *_limits(facts.capabilities),
        *(line("engine", f"warning {number}", "note", text) for number, text in enumerate(facts.warnings, start=1)),
        _others(facts.running),
        *(_image(name, stands, facts) for name, stands in facts.images.items()),
        _leftovers(facts.ours),
        _gpu(facts.gpus, facts.gpu_reason),
    ]


def absent(error: EngineError, gpus: list[str]) -> list[Line]:
    """What is said where no engine answers; `gpus`: those that the driver knows."""
    return [
        line("engine", "version", "problem", error.what, error.remedy),
        line("images", "images", "unavailable", "no engine answers"),
        _gpu(gpus, EngineError("no engine answers that could hand it out")),
    ]


def _architecture(seen: str) -> Line:
    if seen == "amd64":
        return line("engine", "architecture", "ok", seen)
    remedy = "the images are made for x86-64: use an engine on such a machine, by DOCKER_HOST"
    return line("engine", "architecture", "problem", seen, remedy)


def _place(here: bool | None) -> Line:
    if here is None:
        return line("engine", "place", "unavailable", "not probed: a run is under way")
    if here:
        return line("engine", "place", "ok", "its containers run on this machine")
    seen = "its containers run on another machine or in a virtual one, and the report would describe this one"
    return line("engine", "place", "problem", seen, "start the run there, or unset DOCKER_HOST")


def _limits(capabilities_: list[Capability] | None) -> list[Line]:
    if capabilities_ is None:
        return [line("engine", "limits", "unavailable", "not probed: a run is under way")]
    return [_limit(capability) for capability in capabilities_]


def _limit(capability: Capability) -> Line:
    if capability.missing is None:
        return line("engine", capability.name, "ok", "seen from inside a container")
    seen = f"{capability.missing}, so that {capability.matters}"
    remedy = "run the engine as root, or delegate the controllers cpuset, cpu, memory and pids to this user"
    return line("engine", capability.name, "problem" if capability.name in _NEEDED else "note", seen, remedy)


def _others(running: list[str]) -> Line:
    if not running:
        return line("noise", "other containers", "ok", "none runs")
    seen = f"{len(running)} run beside the launches: {', '.join(running[:5])}"
    remedy = f"docker stop {' '.join(running[:5])} (those that need not run)"
    return line("noise", "other containers", "note", seen, remedy)


def _image(name: str, stands: bool, facts: EngineFacts) -> Line:
    if stands:
        return line("images", name, "ok", "stands, as today's recipe makes it")
    if facts.base or facts.bootstrap:
        remedy = "make report builds it: minutes, and the package index has to answer"
        return line("images", name, "note", "not built by today's recipe", remedy)
    remedy = "sudo apt-get install mmdebstrap debian-archive-keyring, or name a base: base_image: NAME@sha256:DIGEST"
    seen = "not built, and there is neither a base nor mmdebstrap to make one"
    return line("images", name, "problem", seen, remedy)


def _leftovers(counts: Mapping[Level, int]) -> Line:
    left, old = counts.get("leftovers", 0), counts.get("old", 0)
    seen = f"{left} left by runs that were stopped, {old} of other versions or models"
    if not left and not old:
        return line("images", "leftovers", "ok", "none")
    return line("images", "leftovers", "note", seen, "make clean LEVEL=old")


def _gpu(names: list[str], reason: EngineError | None) -> Line:
    if not names:
        seen = "no driver with a GPU on this machine: what asks for one is left out"
        return line("gpu", "NVIDIA", "ok", seen)
    listed = ", ".join(names)
    if reason is None:
        return line("gpu", "NVIDIA", "ok", f"{listed}; the engine hands them out")
    return line("gpu", "NVIDIA", "note", f"{listed}, but {reason.what}", reason.remedy)


def look(client: Client, wanted: Mapping[str, str], *, named_base: bool, busy: bool) -> EngineFacts:
    """Ask the engine; `wanted`: image -> identity of its recipe. While a run is under way (`busy`) nothing is started.

    Raises EngineError if it stops answering, or cannot run a container.
    """
    recipes = current_recipes()
    probed = None if busy else capabilities.probe(client)
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
        capabilities=None if probed is None else probed.capabilities,
        here=None if probed is None else probed.here,
        images=standing,
        base=named_base or any((image.get("Labels") or {}).get(RECIPE) in recipes for image in bases),
        bootstrap=shutil.which("mmdebstrap") is not None,
        ours={level: levels.count(level) for level in ours.LEVELS},
        running=[_name(container) for container in listed if not ours.container_is_ours(container)],
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
