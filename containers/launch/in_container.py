"""A launch in a fresh, isolated container. The only module that starts containers for a measurement."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

import requests
from docker.errors import APIError, ImageNotFound
from docker.types import LogConfig

from containers.engine import connection as engine
from containers.engine.attached import AttachedStream
from containers.engine.container import RESTRICTIONS, given, remove, started
from containers.engine.labels import LAUNCH
from containers.images.declaration import takes_gpus
from containers.launch.begun import Begun, ProcessEnd
from containers.launch.channel import Channel
from containers.launch.prepared import Launch
from containers.launch.volumes import mounts
from workloads.vocabulary.errors import RunError
from workloads.vocabulary.plan import Cell
from workloads.vocabulary.record import ImageIdentity

if TYPE_CHECKING:
    from docker.models.containers import Container

LOG_BYTES = 64 * 2**20
_LINES = 50  # of standard error


class ContainerProcess:
    """The first process of a container that has been started."""

    def __init__(self, client: engine.Client, container: Container, stream: AttachedStream, doing: str) -> None:
        self.channel = Channel(stream)
        self._client, self._container, self._doing = client, container, doing

    @property
    def container(self) -> str:
        """The container's id."""
        return str(self._container.id)

    def kill(self) -> None:
        """End all of it."""
        with engine.engine_errors(self._doing):
            self._client.ping()  # silence is either a launch that takes too long or an engine that is gone
            with suppress(APIError):  # it may have ended just now, and Podman kills nothing that somebody paused
                self._container.unpause()
            with suppress(APIError):
                self._container.kill()

    def end(self, within_s: float) -> ProcessEnd:
        """How it ended. Raises EngineGoneError, and TimeoutError where it goes on."""
        with engine.engine_errors(self._doing):
            waited = time.monotonic()
            try:
                self._container.wait(timeout=within_s)
            except (requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError):
                if time.monotonic() - waited < within_s:
                    raise
                self._client.ping()
                raise TimeoutError from None
            self._container.reload()
            state = self._container.attrs["State"]
            return ProcessEnd(
                exit_code=int(state["ExitCode"]),
                out_of_memory=bool(state["OOMKilled"]),
                stderr=self._container.logs(stdout=False, stderr=True, tail=_LINES),
                life_s=_life_s(state["StartedAt"], state["FinishedAt"]),
            )

    def remove(self) -> None:
        """Remove the container, running or not."""
        self.channel.close()
        with engine.engine_errors(self._doing):
            remove(self._container)


def begin(client: engine.Client, cell: Cell, launch: Launch) -> Begun:
    """Start a launch in a container of its own.

    Raises EngineError if the engine does not answer or refuses, and RunError if the image is gone.
    """
    begun = Begun(launch, cell.limits.timeout_s)
    doing = f"launching {cell.workload} with {launch.setting.label}"
    with engine.engine_errors(doing):
        try:
            container, stream = started(client, lambda: _create(client, cell, launch))
        except APIError as error:
            words = str(error.explanation or error)
            if "could not select device driver" not in words and "nvidia-container-cli" not in words:
                raise
            begun.refused(words)
        else:
            begun.given(ContainerProcess(client, container, stream, doing))
    return begun


def engines_share(wall_s: float, life_s: float) -> float:
    """What of a launch's wall time, in seconds, was the engine's: never less than nothing, nor more than all of it.

    `life_s` is by the engine's clock, which somebody may set while the container runs.
    """
    return round(min(max(0.0, wall_s - life_s), wall_s), 3)


def _create(client: engine.Client, cell: Cell, launch: Launch) -> Container:
    limits = cell.limits.of_instances(launch.case.instances)
    try:
        return client.containers.create(
            launch.image.id,
            launch.command,
            entrypoint=[],
            stdin_open=True,
            environment=launch.environment,
            hostname=launch.environment["HOSTNAME"],
            labels=LAUNCH,
            mem_limit=limits.memory_bytes,
            memswap_limit=limits.memory_bytes,
            pids_limit=limits.pids,
            mounts=mounts(cell.model),
            log_config=LogConfig(type=LogConfig.types.JSON, config={"max-size": str(LOG_BYTES), "max-file": "1"}),
            **given(client, launch.cpuset, launch.cpu_quota, gpu=takes_gpus(launch.image.name)),
            **RESTRICTIONS,
        )
    except ImageNotFound:
        raise gone(launch.image) from None


def gone(image: ImageIdentity) -> RunError:
    """What to say where the engine no longer has an image."""
    return RunError(
        f"image {image.name} ({image.id[:19]}) is gone from the engine",
        "run `snakemake --cores 1 --forcerun image` to build it again",
    )


def _life_s(started: str, finished: str) -> float:
    return (datetime.fromisoformat(finished) - datetime.fromisoformat(started)).total_seconds()
