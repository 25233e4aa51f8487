"""Engines at the end of a wire: ways on loopback that lead to an engine's socket."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import paramiko


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


class Sshd:
    """OpenSSH's server on loopback, which leads to the engine at `engine` and lets root in by a key in `home`.

    In another Debian's root, as `daemons.debian` gives the words for it, so that nothing of it is installed here.
    """

    def __init__(self, folder: Path, home: Path, engine: str, inside: Sequence[str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.host = f"ssh://root@127.0.0.1:{self.port}"
        (home / ".ssh").mkdir(mode=0o700)
        host_key, user_key = paramiko.RSAKey.generate(3072), paramiko.RSAKey.generate(3072)
        host_key.write_private_key_file(str(folder / "host_key"))
        user_key.write_private_key_file(str(home / ".ssh/id_rsa"))
        (folder / "authorized_keys").write_text(f"ssh-rsa {user_key.get_base64()}\n")
        (home / ".ssh/known_hosts").write_text(f"[127.0.0.1]:{self.port} ssh-rsa {host_key.get_base64()}\n")
        (folder / "config").write_text(
            f"ListenAddress 127.0.0.1:{self.port}\nHostKey {folder}/host_key\n"
            f"AuthorizedKeysFile {folder}/authorized_keys\nSetEnv DOCKER_HOST={engine}\n"
            "UsePAM no\nPermitRootLogin yes\nStrictModes no\nPidFile none\n"
        )
        script = f"mkdir -p /run/sshd && exec /usr/sbin/sshd -D -e -f {folder}/config"
        with (folder / "log").open("wb") as output:
            self.process = subprocess.Popen(
                [*inside, "sh", "-c", script], stdout=output, stderr=output, start_new_session=True
            )
        deadline = time.monotonic() + 20
        while b"Server listening" not in (folder / "log").read_bytes():
            assert self.process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)

    def remove(self) -> None:
        """End it and the connections that it serves."""
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()
