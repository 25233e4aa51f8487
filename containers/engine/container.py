"""A container that goes when its block ends: what it runs under, and how it is started and removed."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import docker
import docker.errors
import docker.types
from docker.models.containers import Container

from containers.engine.attached import AttachedStream
from containers.engine.connection import Client, log

USER = "65534:65534"  # nobody: exists on every Linux, owns nothing in our images


# What every container of ours runs under, as arguments of the docker SDK.
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


# Of a CPU quota; the kernel's own default.
PERIOD_US = 100_000


# Argument -> how the container runtimes' words for not having it show: runc names the file, crun the controller.
_REFUSALS = {"cpuset_cpus": ("/cpuset.cpus", "`cpuset`"), "cpu_quota": ("/cpu.max", "`cpu`")}


def given(client: Client, cpuset: str, cpu_quota: int | None, gpu: bool) -> dict[str, Any]:
    """What a container of ours gets beside its memory, as arguments of the docker SDK: CPUs and GPUs.

    `cpuset` lists CPUs, none of them for all; `cpu_quota` is percent of one CPU, None for no quota; `gpu` asks for
    every NVIDIA GPU. What `begun` saw this engine refuse is left out.
    """
    quota = None if cpu_quota is None else PERIOD_US * cpu_quota // 100
    limits = {"cpuset_cpus": cpuset or None, "cpu_quota": quota, "cpu_period": None if quota is None else PERIOD_US}
    request = docker.types.DeviceRequest(driver="nvidia", count=-1, capabilities=[["gpu"]])
    kept = {name: value for name, value in limits.items() if name not in client.refused_limits}
    return {"device_requests": [request] if gpu else [], **kept}


def _refuses(client: Client, words: str) -> bool:
    """Whether an engine's words for not starting a container refuse a limit on CPUs; it is not asked for it again."""
    for limit, signs in _REFUSALS.items():
        if limit not in client.refused_limits and any(sign in words for sign in signs):
            client.refused_limits |= {limit, "cpu_period"} if limit == "cpu_quota" else {limit}
            log.debug("the engine refuses %s and is asked without it from now on: %s", limit, words)
            return True
    return False


class _Interrupts:
    """Interrupts that wait while a request to the engine is under way.

    Handlers do it, not a signal mask: a signal that the main thread masks goes to another thread, such as NumPy's.
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
def interrupts_held() -> Iterator[None]:
    """Let interrupts wait until the block ends."""
    interrupts = _Interrupts()
    interrupts.hold()
    try:
        yield
    finally:
        interrupts.release()


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
            remove(container)
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


def started(client: Client, create: Callable[[], Container]) -> tuple[Container, AttachedStream]:
    """A container that has been started, and its standard input and output; whoever asks for it removes it.

    As `begun` otherwise. Only for threads that no interrupt reaches.
    """
    while True:
        container = create()
        with ExitStack() as unless_started:
            unless_started.callback(remove, container)
            attached = unless_started.enter_context(closing(AttachedStream(client, container)))
            try:
                container.start()
            except docker.errors.APIError as error:
                if not _refuses(client, str(error.explanation or error)):
                    raise
            else:
                unless_started.pop_all()
                return container, attached


def remove(container: Container) -> None:
    """Remove a container, running or not; no matter if somebody else just did."""
    try:
        container.remove(force=True, v=True)
    except docker.errors.NotFound:
        pass  # someone was faster; it is gone
    except docker.errors.APIError as error:
        if "already in progress" not in str(error.explanation):
            raise
