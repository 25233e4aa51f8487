"""One launch: a fresh, isolated container that runs one workload in one setting.

The only module that starts containers for a measurement.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import requests
from docker.errors import APIError, ImageNotFound
from docker.types import LogConfig

from containers.engine import connection as engine
from containers.engine.container import RESTRICTIONS, begun, given
from containers.engine.environment import padded
from containers.engine.labels import LAUNCH
from containers.images.declaration import declaration
from containers.launch.outcome import Ending
from containers.launch.volumes import mounts
from workloads.vocabulary.applied import apply
from workloads.vocabulary.errors import RunError
from workloads.vocabulary.plan import Cell, image_of
from workloads.vocabulary.record import Case, ImageIdentity, Setting, to_json

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

LOG_BYTES = 64 * 2**20
_CASE_BYTES = 1024
# The shell stays as the container's first process: a first process cannot end itself by a signal
# such as abort()'s, and the launch would look like a segmentation fault.
# It also asks the kernel who killed the worker: not every engine tells that memory ran out.
_WATCH = """{command}; code=$?
[ $code = 137 ] && grep -hs "^oom_kill " /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control >&2
exit $code"""


def watched(command: str) -> str:
    """A shell's script that runs a command, and ends as it does."""
    return _WATCH.format(command=command)


_SHELL = watched('python3 -m workloads.harness.worker "$1"')


@dataclass(frozen=True)
class Launch:
    """All that decides a launch, before it happens."""

    setting: Setting
    image: ImageIdentity
    case: Case
    environment: dict[str, str]
    command: list[str]
    cpuset: str
    cpu_quota: int | None  # percent of one CPU
    container: bool  # False: by containers.launch.outside_container, and not from here


def prepare(cell: Cell, setting: Setting, cpus: list[int], images: dict[str, ImageIdentity]) -> Launch:
    """Everything of a launch that can be known before it starts; `cpus` are those it may use."""
    applied = apply(cell.fixed | setting.resolved)
    params = cell.params | applied.params
    case = Case(
        cell.module, params, applied.intra_op, applied.inter_op, cell.timing, cell.seed, co_runners=applied.co_runners
    )
    words = ["/bin/sh", "-c", _SHELL, "worker", to_json(case).ljust(_CASE_BYTES)]
    given = cpus if applied.cpus is None else cpus[: applied.cpus]
    return Launch(
        setting=setting,
        image=images[image_of(cell, setting)],
        case=case,
        environment=padded(applied.environment, words),
        command=words,
        cpuset=",".join(str(cpu) for cpu in given),
        cpu_quota=applied.cpu_quota,
        container=applied.container,
    )


def launch(client: DockerClient, cell: Cell, prepared: Launch) -> tuple[Ending, float, float]:
    """Run a prepared launch to its end; the container is removed whatever happens.

    Returns how it ended, its wall time in seconds, and the part of that which was the engine's.
    Raises EngineError if the engine does not answer and RunError if the image is gone.
    """
    started = time.monotonic()
    with engine.engine_errors(f"launching {cell.workload} with {prepared.setting.label}"):
        try:
            with begun(client, lambda: _create(client, cell, prepared)) as container:
                ending, life_s = _outlive(client, container, cell.limits.timeout_s)
        except APIError as error:
            words = str(error.explanation or error)
            if "could not select device driver" not in words and "nvidia-container-cli" not in words:
                raise
            ending, life_s = Ending(None, False, False, words, b"", b""), 0.0
    wall_s = time.monotonic() - started
    return ending, round(wall_s, 3), engines_share(wall_s, life_s)


def engines_share(wall_s: float, life_s: float) -> float:
    """What of a launch's wall time, in seconds, was the engine's: never less than nothing, nor more than all of it.

    `life_s` is by the engine's clock, which somebody may set while the container runs.
    """
    return round(min(max(0.0, wall_s - life_s), wall_s), 3)


def _create(client: DockerClient, cell: Cell, prepared: Launch) -> Container:
    try:
        return client.containers.create(
            prepared.image.id,
            prepared.command,
            entrypoint=[],
            environment=prepared.environment,
            hostname=prepared.environment["HOSTNAME"],
            labels=LAUNCH,
            mem_limit=cell.limits.memory_bytes,
            memswap_limit=cell.limits.memory_bytes,
            pids_limit=cell.limits.pids,
            mounts=mounts(cell.model),
            log_config=LogConfig(type=LogConfig.types.JSON, config={"max-size": str(LOG_BYTES), "max-file": "1"}),
            **given(client, prepared.cpuset, prepared.cpu_quota, gpu=declaration(prepared.image.name).gpu),
            **RESTRICTIONS,
        )
    except ImageNotFound:
        raise RunError(
            f"image {prepared.image.name} ({prepared.image.id[:19]}) is gone from the engine",
            "run `snakemake --cores 1 --forcerun image` to build it again",
        ) from None


def _outlive(client: DockerClient, container: Container, timeout_s: float) -> tuple[Ending, float]:
    timed_out, started = False, time.monotonic()
    try:
        container.wait(timeout=timeout_s)
    except (requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError):
        # Silence from the engine is either a launch that takes too long or an engine that is gone, or was.
        if time.monotonic() - started < timeout_s:
            raise
        client.ping()
        timed_out = True
        _kill(container)
        container.wait(timeout=30)
    container.reload()
    state = container.attrs["State"]
    return (
        Ending(
            exit_code=int(state["ExitCode"]),
            out_of_memory=bool(state["OOMKilled"]),
            timed_out=timed_out,
            refused=None,
            stdout=container.logs(stdout=True, stderr=False),
            stderr=container.logs(stdout=False, stderr=True, tail=50),
            paused=_was_paused(client, container, state["StartedAt"], state["FinishedAt"]),
        ),
        _life_s(state["StartedAt"], state["FinishedAt"]),
    )


def _kill(container: Container) -> None:
    with suppress(APIError):  # it may have ended just now, and Podman kills nothing that somebody paused
        container.unpause()
    with suppress(APIError):
        container.kill()


def _was_paused(client: DockerClient, container: Container, started: str, finished: str) -> bool:
    """Whether somebody held the container up with `docker pause`, by the engine's own list of events and its clock."""
    since, until = (f"{datetime.fromisoformat(moment).timestamp():.6f}" for moment in (started, finished))
    asked = {"container": container.id, "event": "pause"}
    with suppress(APIError):  # an engine that keeps no events
        # Engines read fractions of a second, of which the SDK's types know nothing.
        events = client.api.events(since=since, until=until, filters=asked, decode=True)  # type: ignore[call-overload]
        return any(True for _ in events)
    return False


def _life_s(started: str, finished: str) -> float:
    return (datetime.fromisoformat(finished) - datetime.fromisoformat(started)).total_seconds()
