"""The container engine: find it, describe it, ask what it can hand out, clear what is ours.

Everything that this suite makes in an engine carries the label ``threadmark``; its value says what the
thing is (`LAUNCH`, `IMAGE`, ...), and nothing without that label is ever removed.
"""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import socket
import tarfile
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import docker
import docker.errors
import docker.types
import paramiko
import requests.exceptions
import urllib3.exceptions
from docker.models.containers import Container

from containers.errors import EngineError, EngineGoneError

Client = docker.DockerClient
"""The engine's own interface; only modules that talk to it need more of the SDK than this."""

log = logging.getLogger("threadmark.engine")

LABEL = "threadmark"
LAUNCH = {LABEL: "launch"}  # containers that measure
BUILDER = {LABEL: "builder"}  # stages that a build leaves behind
PROBE = {LABEL: "probe"}  # containers and images that answer one question and go

USER = "65534:65534"  # nobody: exists on every Linux, owns nothing in our images

RESTRICTIONS: dict[str, Any] = {
    "network_mode": "none",
    "read_only": True,
    "user": USER,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    "tmpfs": {
        "/tmp": "rw,nosuid,nodev,size=256m,mode=1777",  # HOME is there
        "/var/tmp": "ro,size=4k",  # Podman puts a writable one there, of no size of its own
    },
    "use_config_proxy": False,  # the caller's proxies, passwords in their addresses included, are no setting
}
"""What every container of ours runs under, as arguments of the docker SDK."""

PERIOD_US = 100_000
"""Of a CPU quota; the kernel's own default."""


def given(client: Client, cpuset: str, cpu_quota: int | None, gpu: bool) -> dict[str, Any]:
    """What a container of ours gets beside its memory, as arguments of the docker SDK: CPUs and GPUs.

    `cpuset` lists CPUs, none of them for all; `cpu_quota` is percent of one CPU, None for no quota; `gpu` asks for
    every NVIDIA GPU. What `begun` saw this engine refuse is left out.
    """
    quota = None if cpu_quota is None else PERIOD_US * cpu_quota // 100
    limits = {"cpuset_cpus": cpuset or None, "cpu_quota": quota, "cpu_period": None if quota is None else PERIOD_US}
    request = docker.types.DeviceRequest(driver="nvidia", count=-1, capabilities=[["gpu"]])
    kept = {name: value for name, value in limits.items() if name not in _refused.get(client, ())}
    return {"device_requests": [request] if gpu else [], **kept}


_refused: weakref.WeakKeyDictionary[Client, set[str]] = weakref.WeakKeyDictionary()
"""Arguments of `given` that engines refused."""

# Argument -> how the container runtimes' words for not having it show: runc names the file, crun the controller.
_REFUSALS = {"cpuset_cpus": ("/cpuset.cpus", "`cpuset`"), "cpu_quota": ("/cpu.max", "`cpu`")}


def _refuses(client: Client, words: str) -> bool:
    """Whether an engine's words for not starting a container refuse a limit on CPUs; it is not asked for it again."""
    refused = _refused.setdefault(client, set())
    for limit, signs in _REFUSALS.items():
        if limit not in refused and any(sign in words for sign in signs):
            refused |= {limit, "cpu_period"} if limit == "cpu_quota" else {limit}
            log.debug("the engine refuses %s and is asked without it from now on: %s", limit, words)
            return True
    return False


class _Interrupts:
    """Interrupts that wait while a request to the engine is under way.

    By handlers and not by a mask: libraries' own threads, such as NumPy's, take what the main thread masks.
    """

    def __init__(self) -> None:
        self._arrived: list[int] = []
        self._usual: dict[int, Any] = {}

    def hold(self) -> None:
        """From now on they wait. Only the main thread gets any."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._usual[number] = signal.signal(number, lambda number, _: self._arrived.append(number))

    def release(self) -> None:
        """Let those through that have come."""
        for number, handler in self._usual.items():
            signal.signal(number, handler)
        self._usual.clear()
        if self._arrived:
            number = self._arrived[0]
            self._arrived.clear()
            signal.raise_signal(number)


@contextmanager
def fleeting(create: Callable[[], Container]) -> Iterator[Container]:
    """A container that goes when its block ends, however it ends.

    An interrupt waits while the engine makes or removes it: a request that is cut short leaves a container behind
    whose name nobody was told.
    """
    interrupts = _Interrupts()
    interrupts.hold()
    try:
        container = create()
        try:
            interrupts.release()
            yield container
        finally:
            interrupts.hold()
            _remove(container)
    finally:
        interrupts.release()


@contextmanager
def begun(client: Client, create: Callable[[], Container]) -> Iterator[Container]:
    """A fleeting container that has been started; `create` asks for what `given` gives.

    Some engines take limits on CPUs that they cannot hold, and some refuse them outright, such as a user's own Podman
    to which root handed on no CPU set. Both then run containers without; `capabilities.probe` says so before a run.
    """
    while True:
        with fleeting(create) as container:
            try:
                container.start()
            except docker.errors.APIError as error:
                if not _refuses(client, str(error.explanation or error)):
                    raise
            else:
                yield container
                return


def _remove(container: Container) -> None:
    try:
        container.remove(force=True, v=True)
    except docker.errors.NotFound:
        pass  # someone was faster; it is gone
    except docker.errors.APIError as error:
        if "already in progress" not in str(error.explanation):
            raise


_CONNECT_S = 10  # an engine that is there answers a ping in milliseconds
_ANSWER_S = 900  # copying the CUDA libraries into a layer says nothing for minutes

_GONE = (
    requests.exceptions.RequestException,
    urllib3.exceptions.HTTPError,
    ConnectionError,
    paramiko.SSHException,  # an engine by ssh
    EOFError,  # that, cut while it shakes hands
)
_SETUP = "`python -m containers.setup_engine`"


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
                f"DOCKER_HOST names {host}, where no engine answers ({_why(error)}); start it or unset DOCKER_HOST"
            ) from error
    found = [path for path in sockets() if path.exists()]
    reasons = []
    for path in found:
        try:
            return _open(f"unix://{path}")
        except _DEAD as error:
            reasons.append(f"{path}: {_why(error)}")
    if reasons:
        raise EngineError(
            f"no container engine answers ({'; '.join(reasons)}); start one, or let root run {_SETUP}, "
            "or set DOCKER_HOST"
        )
    raise EngineError(
        "no container engine found; install Docker (Debian's docker.io) or Podman with its service, "
        f"or let root run {_SETUP}, or set DOCKER_HOST"
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
        client = docker.from_env(timeout=_CONNECT_S)  # reads the TLS settings beside DOCKER_HOST too
    else:
        client = docker.DockerClient(base_url=host, timeout=_CONNECT_S)
    try:
        client.ping()
    except BaseException:
        client.close()
        raise
    client.api.timeout = _ANSWER_S
    return client


_DEAD = (docker.errors.DockerException, *_GONE, OSError, ValueError)


def _why(error: BaseException) -> str:
    text = str(error)
    for known in ("Permission denied", "Connection refused", "No such file or directory", "timed out"):
        if known in text:
            return known[0].lower() + known[1:]
    return text.splitlines()[0] if text else type(error).__name__


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
            f"the container engine stopped answering while {doing} ({_why(error)}); start it and run again"
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


def remove_leftovers(client: Client) -> list[str]:
    """Remove what a killed run left behind: its launches and probes, running or not, and say which.

    Only for those who hold the machine's lock: another run's probe looks the same.
    """
    removed = []
    with engine_errors("removing what a run that was stopped left behind"):
        for container in [*_ours(client, LAUNCH), *_ours(client, PROBE)]:
            _remove(container)
            removed.append(str(container.name))
        for image in client.api.images(filters={"label": f"{LABEL}={PROBE[LABEL]}"}, quiet=True):
            with suppress(docker.errors.ImageNotFound):
                client.images.remove(image, force=True)
                removed.append(str(image))
    return removed


def _ours(client: Client, labels: dict[str, str]) -> list[Any]:
    wanted = [f"{key}={value}" for key, value in labels.items()]
    return list(client.containers.list(all=True, filters={"label": wanted}, ignore_removed=True))


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
