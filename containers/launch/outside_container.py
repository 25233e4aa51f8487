"""A launch outside the container: the image's own files on the host itself, to see what containment costs.

The image's file system is exported once into the cache, and each launch is a process in it by chroot: as root, with the
container's command, environment and CPUs, and without what a container adds, namespaces, limits, seccomp filter and
layered file system. One namespace stays, that of the mounts, so that the launch's own /proc, /sys and /tmp end with it,
whatever ends it: left over in the cache, they would be in the way of removing it. It decides what a path leads to, and
costs nothing once a file is open.
"""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
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
from containers.launch.in_container import Launch
from containers.launch.outcome import Ending
from containers.notices import say
from workloads.vocabulary.errors import RunError

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
_LINES = 50


def launch(client: engine.Client, prepared: Launch, timeout_s: float) -> tuple[Ending, float, float]:
    """Run a prepared launch on the host, to its end, and the processes that it started with it.

    Returns how it ended, its wall time in seconds, and 0.0: no engine has a part in it.
    Raises RunError if the files cannot be exported, and EngineError.
    """
    root = files(client, prepared)
    started = time.monotonic()
    process = subprocess.Popen(
        command(root, prepared),
        env={"PATH": os.environ.get("PATH", os.defpath)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    timed_out = False
    try:
        stdout, stderr = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        timed_out = True
        _end(process)
        stdout, stderr = process.communicate()
    finally:
        _end(process)
    wall_s = time.monotonic() - started
    status = process.returncode
    ending = Ending(
        exit_code=status if status >= 0 else 128 - status,  # as a shell and every engine give it
        out_of_memory=False,  # there is no limit of its own that it could meet
        timed_out=timed_out,
        refused=None,
        stdout=stdout,
        stderr=b"\n".join(stderr.splitlines()[-_LINES:]),
    )
    return ending, round(wall_s, 3), 0.0


def command(root: Path, prepared: Launch) -> list[str]:
    """The words that run a launch in `root`: first the CPUs, then the mounts, then the container's own command.

    The environment is set within, by env: a variable such as LD_PRELOAD is not meant for the host's tools.
    """
    pinned = ["taskset", "--cpu-list", prepared.cpuset, *_PRIVATE, "sh", "-c", _MOUNT, "sh", str(root)]
    variables = [f"{name}={value}" for name, value in prepared.environment.items()]
    return [*pinned, "/usr/bin/env", "-i", f"--chdir={BASE['PWD']}", *variables, *prepared.command]


def files(client: engine.Client, prepared: Launch) -> Path:
    """The folder with the image's files; exports them where they are not there yet, in place of another image's."""
    root = FOLDER / prepared.image.content.removeprefix("sha256:")[:16]
    if root.is_dir():
        return root
    remove()
    say(f"exporting the files of image {prepared.image.name}, once, to launch it outside a container ...")
    writing = FOLDER / "writing"
    writing.mkdir(parents=True)
    with (
        engine.engine_errors("exporting an image"),
        fleeting(
            lambda: client.containers.create(
                prepared.image.id, ["/absent"], labels=PROBE, network_mode="none", entrypoint=[]
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
        raise RunError(f"{writing}: the files of image {prepared.image.name} cannot be unpacked", "free space there")
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


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):  # all of them have ended
        os.killpg(process.pid, signal.SIGKILL)
