"""A launch outside the container: the image's own files on the host itself, to see what containment costs.

The image's file system is exported once into the cache, and each launch is a process in it by chroot: as root, with the
container's command, environment and CPUs, and without what a container adds, namespaces, limits, seccomp filter and
layered file system. One namespace stays, that of the mounts, so that the launch's own /proc, /sys and /tmp end with it,
whatever ends it: left over in the cache, they would be in the way of removing it. It decides what a path leads to, and
costs nothing once a file is open.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from containers.engine import connection as engine
from containers.engine.container import fleeting
from containers.engine.environment import BASE
from containers.engine.labels import PROBE
from containers.host.outside import _PRIVATE
from containers.images import recipe
from containers.launch.begun import Begun, ProcessEnd
from containers.launch.channel import Channel
from containers.launch.prepared import Launch
from containers.notices import say
from workloads.vocabulary.errors import RunError
from workloads.vocabulary.plan import Cell

# Holds the files of one image at a time, about 1.5 GB.
FOLDER = recipe.CACHE / "rootfs"

_MOUNT = """set -e
mount -t proc proc "$1/proc"
mount -t sysfs -o ro sysfs "$1/sys"
mount -t tmpfs -o nosuid,nodev,size=256m,mode=1777 tmpfs "$1/tmp"
mount -t tmpfs -o nosuid,nodev,size=64m,mode=1777 tmpfs "$1/dev/shm"
exec chroot "$@"
"""
_DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9)}
_LINES = 50  # of standard error
_LAST_BYTES = 1 << 16


class PipeStream:
    """Standard input and output of a process."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._to, self._from = process.stdin, process.stdout

    def read(self, within_s: float) -> bytes:
        """What came, at least one byte; nothing at its end. Raises TimeoutError."""
        if not select.select([self._from], [], [], within_s)[0]:
            raise TimeoutError
        return os.read(self._from.fileno(), 1 << 16)

    def write(self, content: bytes) -> None:
        """Send all of it. Raises OSError where nobody listens any more."""
        self._to.write(content)

    def close(self) -> None:
        """Let go of it."""
        self._to.close()
        self._from.close()


class HostProcess:
    """The first process of a launch on the host, in a session of its own, with all that it starts there."""

    def __init__(self, words: list[str]) -> None:
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the process
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            words,
            env={"PATH": os.environ.get("PATH", os.defpath)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            start_new_session=True,
            bufsize=0,
        )
        self.channel = Channel(PipeStream(self._process))

    def kill(self) -> None:
        """End it and the worker, which has a session of its own: its supervisor's end does not end it."""
        for process in (self._process.pid, *_descendants(self._process.pid)):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def end(self, within_s: float) -> ProcessEnd:
        """How it ended. Raises TimeoutError where it goes on."""
        try:
            status = self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            raise TimeoutError from None
        life_s = time.monotonic() - self._started
        self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, self._stderr.tell() - _LAST_BYTES))
        stderr = b"\n".join(self._stderr.read().splitlines()[-_LINES:])
        # There is no limit of its own that its memory could meet. The status is given as every engine gives it.
        return ProcessEnd(status if status >= 0 else 128 - status, out_of_memory=False, stderr=stderr, life_s=life_s)

    def remove(self) -> None:
        """Leave nothing of it behind."""
        if self._process.poll() is None:
            self.kill()
            self._process.wait()
        self.channel.close()
        self._stderr.close()


def _descendants(process: int) -> list[int]:
    """The processes that a process started, and those that they did, as far as their parents live."""
    parents = {number: parent for number in _numbers() if (parent := _parent(number)) is not None}
    processes = [process]
    for ancestor in processes:
        processes += [number for number, parent in parents.items() if parent == ancestor]
    return processes[1:]


def _numbers() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdecimal()]


def _parent(process: int) -> int | None:
    try:
        # Field 4 of proc(5); the second is a name that may itself hold spaces and brackets.
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):  # it ended just now
        return None


def begin(client: engine.Client, cell: Cell, launch: Launch) -> Begun:
    """Start a launch on the host. Raises RunError if the files cannot be exported, and EngineError."""
    root = files(client, launch)
    begun = Begun(launch, cell.limits.timeout_s)
    begun.given(HostProcess(command(root, launch)))
    return begun


def command(root: Path, launch: Launch) -> list[str]:
    """The words that run a launch in `root`: first the CPUs, then the mounts, then the container's own command.

    The environment is set within, by env: a variable such as LD_PRELOAD is not meant for the host's tools.
    """
    pinned = ["taskset", "--cpu-list", launch.cpuset, *_PRIVATE, "sh", "-c", _MOUNT, "sh", str(root)]
    variables = [f"{name}={value}" for name, value in launch.environment.items()]
    return [*pinned, "/usr/bin/env", "-i", f"--chdir={BASE['PWD']}", *variables, *launch.command]


def files(client: engine.Client, launch: Launch) -> Path:
    """The folder with the image's files; exports them where they are not there yet, in place of another image's."""
    root = FOLDER / launch.image.content.removeprefix("sha256:")[:16]
    if root.is_dir():
        return root
    remove()
    say(f"exporting the files of image {launch.image.name}, once, to launch it outside a container ...")
    writing = FOLDER / "writing"
    writing.mkdir(parents=True)
    with (
        engine.engine_errors("exporting an image"),
        fleeting(
            lambda: client.containers.create(
                launch.image.id, ["/absent"], labels=PROBE, network_mode="none", entrypoint=[]
            )
        ) as container,
    ):
        unpacking = ["tar", "--extract", "--numeric-owner", "--same-permissions", "--directory", str(writing)]
        with subprocess.Popen(unpacking, stdin=subprocess.PIPE) as tar:
            assert tar.stdin is not None  # a pipe was asked for
            export: Iterator[bytes] = container.export()  # type: ignore[assignment]  # types-docker says str
            for chunk in export:
                tar.stdin.write(chunk)
            tar.stdin.close()
    if tar.returncode != 0:
        raise RunError(f"{writing}: the files of image {launch.image.name} cannot be unpacked", "free space there")
    _furnish(writing)
    writing.rename(root)
    return root


def _furnish(root: Path) -> None:
    """What an engine adds to every container: places to mount at, and devices."""
    for name in ("proc", "sys", "tmp", "dev", "dev/shm"):
        (root / name).mkdir(exist_ok=True)
    for name, (major, minor) in _DEVICES.items():
        (root / "dev" / name).unlink(missing_ok=True)
        os.mknod(root / "dev" / name, stat.S_IFCHR | 0o666, os.makedev(major, minor))
        (root / "dev" / name).chmod(0o666)  # whatever the umask is


def remove() -> None:
    """Remove every exported file system from the cache."""
    if FOLDER.exists():
        shutil.rmtree(FOLDER)
