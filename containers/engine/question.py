"""One command in a container with all restrictions of a launch, and its answer."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import docker.errors
import requests
from docker.models.containers import Container

from containers.engine.connection import Client
from containers.engine.container import RESTRICTIONS, begun, given
from containers.engine.labels import PROBE
from workloads.vocabulary.errors import ImageError

PROBE_MEMORY_BYTES = 4 << 30  # TensorFlow's import takes 0.4 GB


PROBE_PIDS = 1024  # a pool of four threads a core, on a machine of many cores


_PROBE_S = 300


@dataclass(frozen=True)
class Answer:
    """How a command in a container ended."""

    exit_code: int | None  # None: it was ended after its time
    stdout: str
    stderr: str


def run(
    client: Client,
    *,
    image: str,
    command: list[str],
    environment: dict[str, str] | None = None,  # beside the image's own
    cpus: Sequence[int] = (),  # by number; all where none is named
    cpu_quota: int | None = None,  # percent of one CPU
    gpu: bool = False,
) -> Answer:
    """Run a command in a container with all the restrictions of a launch.

    Raises ImageError if it cannot start.
    """

    def create() -> Container:
        return client.containers.create(
            image,
            command=command,
            environment=environment or {},
            labels=PROBE,
            mem_limit=PROBE_MEMORY_BYTES,
            pids_limit=PROBE_PIDS,
            **given(client, ",".join(str(cpu) for cpu in cpus), cpu_quota, gpu),
            **RESTRICTIONS,
        )

    try:
        with begun(client, create) as container:
            status: int | None = None
            started = time.monotonic()
            try:
                status = int(container.wait(timeout=_PROBE_S)["StatusCode"])
            except (requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError):
                if time.monotonic() - started < _PROBE_S:
                    raise
                client.ping()  # an engine that is gone says nothing either
            return Answer(
                exit_code=status,
                stdout=bytes(container.logs(stderr=False)).decode(errors="replace"),
                stderr=bytes(container.logs(stdout=False)).decode(errors="replace"),
            )
    except docker.errors.APIError as error:
        raise ImageError(f"{command[0]} cannot be run in image {image}: {error.explanation}") from error


def ask(client: Client, *, image: str, command: list[str], cpus: Sequence[int] = ()) -> str:
    """Standard output of a command in a container with all the restrictions of a launch, on all CPUs or some.

    Raises ImageError if it cannot start or ends with another status than 0.
    """
    answer = run(client, image=image, command=command, cpus=cpus)
    if answer.exit_code == 0:
        return answer.stdout
    how = f"did not end within {_PROBE_S} s" if answer.exit_code is None else f"ended with status {answer.exit_code}"
    raise ImageError(f"{command[0]} in image {image} {how}: {(answer.stderr.strip().splitlines() or [''])[-1]}")
