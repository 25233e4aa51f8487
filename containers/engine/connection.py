"""The container engine: find it, describe it, ask what it can hand out, remove what is ours.

Everything that this suite makes in an engine carries the label ``threadmark``; its value says what the
thing is (`LAUNCH`, `IMAGE`, ...), and nothing without that label is ever removed.
"""

from __future__ import annotations

import io
import json
import logging
import os
import socket
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import docker
import docker.errors
import docker.types
import paramiko
import requests.exceptions
import urllib3.exceptions

from containers.engine.labels import PROBE
from workloads.vocabulary.errors import EngineError, EngineGoneError

log = logging.getLogger("threadmark.engine")


_CONNECT_S = 10  # an engine that is there answers a ping in milliseconds
_ANSWER_S = 900  # copying the CUDA libraries into a layer says nothing for minutes

_GONE = (
    requests.exceptions.RequestException,
    urllib3.exceptions.HTTPError,
    ConnectionError,
    paramiko.SSHException,  # an engine by ssh
    EOFError,  # that, cut while it shakes hands
)
_SETUP = "`python -m containers.engine`"


_DEAD = (docker.errors.DockerException, *_GONE, OSError, ValueError)


class Client(docker.DockerClient):
    """The engine's own interface; only modules that talk to it need more of the SDK than this."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.refused_limits: set[str] = set()  # arguments of `containers.engine.container.given` that it refused


def connect(host: str | None = None) -> Client:
    """The engine at `host` or DOCKER_HOST, else the first that answers on the usual sockets.

    Raises EngineError: none answers, or the one that was named does not.
    """
    if host is not None:
        try:
            return _open(host)
        except _DEAD as error:
            raise EngineError(f"no container engine answers at {host} ({_why(error)})") from error
    host = os.environ.get("DOCKER_HOST")
    if host:
        try:
            return _open(host)
        except _DEAD as error:
            raise EngineError(
                f"DOCKER_HOST names {host}, where no engine answers ({_why(error)})", "start it or unset DOCKER_HOST"
            ) from error
    present = [path for path in sockets() if path.exists()]
    reasons = []
    for path in present:
        try:
            return _open(f"unix://{path}")
        except _DEAD as error:
            reasons.append(f"{path}: {_why(error)}")
    if reasons:
        raise EngineError(
            f"no container engine answers ({'; '.join(reasons)})",
            f"start one, or let root run {_SETUP}, or set DOCKER_HOST",
        )
    raise EngineError(
        "no container engine found",
        f"install Docker (Debian's docker.io) or Podman with its service, or let root run {_SETUP}, or set DOCKER_HOST",
    )


def sockets() -> list[Path]:
    """Where engines listen when nothing is said, in the order in which they are tried."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    own = [Path(runtime, "docker.sock"), Path(runtime, "podman/podman.sock")] if runtime else []
    return [Path("/var/run/docker.sock"), *own, Path("/run/podman/podman.sock")]


def _open(host: str) -> Client:
    path = host.partition("://")[2]
    if host.startswith(("unix://", "http+unix://")):
        # The docker SDK leaves its socket open when this fails.
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(_CONNECT_S)
            probe.connect(path)
    if os.environ.get("DOCKER_HOST") == host:
        client = cast(Client, Client.from_env(timeout=_CONNECT_S))  # reads the TLS settings beside DOCKER_HOST too
    else:
        client = Client(base_url=host, timeout=_CONNECT_S)
    try:
        client.ping()
    except BaseException:
        client.close()
        raise
    client.api.timeout = _ANSWER_S
    return client


def _why(error: BaseException) -> str:
    text = str(error)
    for known in ("Permission denied", "Connection refused", "No such file or directory", "timed out"):
        if known in text:
            return known[0].lower() + known[1:]
    return text.splitlines()[0] if text else type(error).__name__


def is_local(client: Client) -> bool:
    """Whether the engine is on this machine for certain: it listens on a local socket."""
    return str(client.api.base_url).startswith("http+docker://localhost")


def answers(client: Client) -> bool:
    """Whether an engine that was there still is."""
    try:
        return bool(client.ping())
    except _DEAD:
        return False


@contextmanager
def engine_errors(doing: str) -> Iterator[None]:
    """Turn an engine that refuses into an EngineError, and one that went away into an EngineGoneError.

    `doing` completes "while ...".
    """
    try:
        yield
    except docker.errors.APIError as error:
        raise EngineError(f"the container engine refused while {doing}: {error.explanation or error}") from error
    except docker.errors.DockerException as error:
        raise EngineError(f"the container engine failed while {doing}: {error}") from error
    except _GONE as error:
        raise EngineGoneError(
            f"the container engine stopped answering while {doing} ({_why(error)})", "start it and run again"
        ) from error


def describe(client: Client) -> dict[str, str]:
    """Which engine this is: name, version, api, storage, cgroup, rootless, architecture."""
    with engine_errors("describing itself"):
        version, info = client.version(), client.info()
    components = [str(part.get("Name", "")) for part in version.get("Components") or []]
    return {
        "name": "podman" if any("podman" in name.lower() for name in components) else "docker",
        "version": str(version["Version"]),
        "api": str(version["ApiVersion"]),
        "storage": str(info.get("Driver", "unavailable")),
        "cgroup": f"v{info.get('CgroupVersion', '1')} {info.get('CgroupDriver', 'unavailable')}",
        "rootless": "yes" if _rootless(info) else "no",
        "architecture": str(version.get("Arch", "unavailable")),
    }


def _rootless(info: dict[str, Any]) -> bool:
    """Docker tells it among its security options, Podman in a field of its own."""
    return bool(info.get("Rootless")) or any("rootless" in option for option in info.get("SecurityOptions") or [])


def empty_image(client: Client) -> str:
    """The smallest image there can be, for a question to the engine."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("threadmark-probe"))  # an archive without any entry is refused
    return import_image(client, rootfs=buffer.getvalue(), labels=PROBE)


def import_image(client: Client, *, rootfs: bytes | IO[bytes], labels: dict[str, str]) -> str:
    """Make an image of one layer from a tar archive of a file system; returns its id."""
    changes = [f"LABEL {key}={json.dumps(value)}" for key, value in labels.items()]
    answer = client.api.import_image_from_data(rootfs, changes=changes)
    last = json.loads(answer.strip().splitlines()[-1])
    if "error" in last:  # a full disk arrives so, under status 200
        raise EngineError(f"the container engine cannot import an image: {last['error']}")
    return str(last["status"])
