"""Engines of a test's own, beside the one that runs: with their own sockets, folders and ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import docker.errors

from containers.engine import connection as engine
from containers.engine import setup as setup_engine
from workloads.vocabulary.errors import EngineError

_ENTER = """set -e
mount --bind "$1" "$1"
for part in proc sys dev; do mount --rbind /$part "$1/$part"; done
mount --bind /tmp "$1/tmp"
exec chroot "$@"
"""


def debian(release: str, packages: list[str], folder: Path) -> list[str]:
    """Another release's root in a folder; gives the words before a command that is to run in there, beside our /tmp."""
    line = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(packages)}", release, f"{folder}/root"]
    subprocess.run(line, check=True)
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", _ENTER, "enter", f"{folder}/root"]


class Dockerd:
    """A dockerd that can be killed and started again; `inside` are the words before its own, as `debian` gives them.

    In a network of its own: told to use no bridge, it would delete the other daemon's.
    """

    def __init__(self, folder: Path, inside: Sequence[str] = ()) -> None:
        self.folder, self.inside = folder, inside
        self.socket = folder / "sock"
        self.host = f"unix://{self.socket}"
        self.pid: int | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        line = [
            *(
                "unshare",
                "--net",
                *self.inside,
                "dockerd",
                "--bridge=none",
                "--iptables=false",
                f"--data-root={self.folder}/data",
            ),
            *(f"--exec-root={self.folder}/exec", f"--pidfile={self.folder}/pid", f"--host={self.host}"),
        ]
        self.pid = setup_engine.start_daemon(
            line, pid_file=self.folder / "pid", log=self.folder / "log", host=self.host
        )

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End it by a signal; what runs under it may stay."""
        assert self.pid is not None
        os.kill(self.pid, number)
        os.waitpid(self.pid, 0)
        self.pid = None
        if number == signal.SIGKILL:
            # Its containerd outlives it, and the next daemon may wait in vain for one of its own.
            pid_file = self.folder / "exec/containerd/containerd.pid"
            with suppress(OSError, ValueError):
                os.kill(int(pid_file.read_text()), signal.SIGKILL)
            pid_file.unlink(missing_ok=True)

    def remove(self) -> None:
        """End it and all that it started."""
        if self.pid is None:
            self.start()  # a daemon that was killed leaves its containerd behind; the next one takes it over
        client = engine.connect(self.host)
        for container in client.containers.list(all=True, ignore_removed=True):
            with suppress(docker.errors.APIError):  # its removal may be under way
                container.remove(force=True)
        client.close()
        self.kill(signal.SIGTERM)
        data = self.folder / "data"
        while data.is_mount():  # bound to itself, once by each daemon that was killed
            subprocess.run(["umount", str(data)], check=True)
        shutil.rmtree(self.folder, ignore_errors=True)


class _Service:
    """An engine's service, a process group with a folder of its own; `user` is whose, root's if not given."""

    def __init__(self, folder: Path, line: list[str], environment: dict[str, str], user: str | None) -> None:
        self.folder = folder
        self.host = f"unix://{folder}/sock"
        if user is not None:
            environment = {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), **environment}
            shutil.chown(folder, user, user)
        with (folder / "log").open("wb") as output:
            self.process = subprocess.Popen(
                line,
                env=os.environ | environment,
                cwd=folder,
                stdout=output,
                stderr=output,
                start_new_session=True,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                engine.connect(self.host).close()
                return
            except EngineError:
                words = (folder / "log").read_text()
                assert self.process.poll() is None, words
                assert time.monotonic() < deadline, words
                time.sleep(0.2)

    def remove(self) -> None:
        """End it; its containers have ended by then."""
        # Asked to end, Podman waits half a minute for its clients. A user's own is two processes, one in its namespace.
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for mount in sorted(_mounts_below(self.folder), reverse=True):
            subprocess.run(["umount", mount], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


class Podman(_Service):
    """Podman's Docker-compatible service, with storage of its own; `inside` as for Dockerd."""

    def __init__(self, folder: Path, user: str | None = None, inside: Sequence[str] = ()) -> None:
        # The service raises limits to its own defaults, which not every root may do: these are the machine's own.
        (folder / "containers.conf").write_text(
            '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\n'
            '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n'
        )
        line = [
            *(*inside, "podman", "--root", f"{folder}/root", "--runroot", f"{folder}/run", "--storage-driver=overlay"),
            *("system", "service", "--time=0", f"unix://{folder}/sock"),
        ]
        super().__init__(folder, line, {"CONTAINERS_CONF": f"{folder}/containers.conf"}, user)


class RootlessDockerd(_Service):
    """A dockerd of a user without rights, by RootlessKit; its containers have no network, and so it needs none."""

    START = Path("/usr/share/docker.io/contrib/dockerd-rootless.sh")

    def __init__(self, folder: Path, user: str) -> None:
        line = [
            *(str(self.START), f"--host=unix://{folder}/sock", "--bridge=none", "--iptables=false"),
            *(f"--data-root={folder}/data", f"--exec-root={folder}/exec", f"--pidfile={folder}/pid"),
        ]
        environment = {
            "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin",
            "DOCKERD_ROOTLESS_ROOTLESSKIT_NET": "host",
            "DOCKERD_ROOTLESS_ROOTLESSKIT_PORT_DRIVER": "none",
        }
        super().__init__(folder, line, environment, user)


def _mounts_below(folder: Path) -> list[str]:
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return [mount for mount in mounts if mount.startswith(f"{folder}/")]
