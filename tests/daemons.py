"""Engines of a test's own, beside the one that runs: with their own sockets, folders and ends."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

import docker.errors

from containers import engine, setup_engine
from containers.errors import EngineError


class Dockerd:
    """A dockerd that can be killed and started again.

    In a network of its own: told to use no bridge, it would delete the other daemon's.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "sock"
        self.host = f"unix://{self.socket}"
        self.pid: int | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        line = [
            *("unshare", "--net", "dockerd", "--bridge=none", "--iptables=false", f"--data-root={self.folder}/data"),
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
        shutil.rmtree(self.folder, ignore_errors=True)


class Podman:
    """Podman's Docker-compatible service, with storage of its own; `user` is whose, root's if not given."""

    def __init__(self, folder: Path, user: str | None = None) -> None:
        self.folder = folder
        self.host = f"unix://{folder}/sock"
        # The service raises limits to its own defaults, which not every root may do: these are the machine's own.
        (folder / "containers.conf").write_text(
            '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\n'
            '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n'
        )
        line = [
            *("podman", "--root", f"{folder}/root", "--runroot", f"{folder}/run", "--storage-driver=overlay"),
            *("system", "service", "--time=0", self.host),
        ]
        environment = {**os.environ, "CONTAINERS_CONF": f"{folder}/containers.conf"}
        if user is not None:
            environment |= {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
            shutil.chown(folder, user, user)
        with (folder / "log").open("wb") as output:
            self.process = subprocess.Popen(
                line,
                env=environment,
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
        # Asked to end, it waits half a minute for its clients. A user's own is two processes, one in its namespace.
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for mount in sorted(_mounts_below(self.folder), reverse=True):
            subprocess.run(["umount", mount], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


def _mounts_below(folder: Path) -> list[str]:
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return [mount for mount in mounts if mount.startswith(f"{folder}/")]


class Wire:
    """A TCP port on loopback that leads to an engine's socket, and can be cut: a remote engine."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.host = f"tcp://127.0.0.1:{self.port}"
        self.mend()

    def mend(self) -> None:
        """Lead there (again)."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self._listener = listener
        threading.Thread(target=self._serve, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Drop every connection and take no new one."""
        assert self._listener is not None
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in list(self._open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _serve(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                threading.Thread(target=self._lead, args=(near,), daemon=True).start()

    def _lead(self, near: socket.socket) -> None:
        with near, socket.socket(socket.AF_UNIX) as far:
            far.connect(str(self._target))
            self._open |= {near, far}
            back = threading.Thread(target=_carry, args=(far, near))
            back.start()
            _carry(near, far)
            back.join()
            self._open -= {near, far}


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
