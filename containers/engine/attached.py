"""A container's standard input and output as a stream, as the engine hands them out over its own connection.

Every engine that speaks Docker's interface does: over a local socket, TCP with or without TLS, and SSH.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

_CHUNK = 1 << 16
_HEADER = 8  # of a frame: which stream, three zeros, the payload's length in four bytes
_STDOUT = 1


class AttachedStream:
    """Standard input and output of a container; it must be attached to before the container starts."""

    def __init__(self, client: DockerClient, container: Container) -> None:
        self._answer: Any = client.api.attach_socket(str(container.id), params={"stdin": 1, "stdout": 1, "stream": 1})
        # Of a local socket and of TCP, the SDK gives a file around it, of SSH paramiko's channel.
        self._socket: Any = getattr(self._answer, "_sock", self._answer)
        self._frames = b""
        self._reading = threading.Lock()

    def read(self, within_s: float) -> bytes:
        """What came on standard output, at least one byte; nothing at its end. Raises TimeoutError."""
        deadline = time.monotonic() + within_s
        while True:
            payload = self._take_frames()
            if payload:
                return payload
            try:
                with self._reading:
                    # A timeout of nothing would mean not to wait at all, and none for ever.
                    self._socket.settimeout(max(1e-3, deadline - time.monotonic()))
                    chunk = self._socket.recv(_CHUNK)
            except TimeoutError:
                raise
            except OSError:  # the engine let go of it, or `close` did
                return b""
            if not chunk:
                return b""
            self._frames += chunk

    def write(self, content: bytes) -> None:
        """To standard input. Raises OSError where nobody listens any more."""
        self._socket.settimeout(None)
        self._socket.sendall(content)

    def close(self) -> None:
        """Let go of it, also while another thread reads: a container whose input is open once ends with that."""
        with suppress(OSError):  # it is closed by now
            if isinstance(self._socket, socket.socket):
                self._socket.shutdown(socket.SHUT_RDWR)
            else:
                self._socket.close()
        # Not before whoever reads has noticed: the descriptor's number may be another connection's at once.
        with self._reading:
            if (response := getattr(self._answer, "_response", None)) is not None:
                response.close()  # or its connection stays open in the SDK's pool
            self._answer.close()
            self._socket.close()

    def _take_frames(self) -> bytes:
        """The payload of what is whole by now of standard output."""
        payload = b""
        while len(self._frames) >= _HEADER:
            size = int.from_bytes(self._frames[4:_HEADER], "big")
            if len(self._frames) < _HEADER + size:
                break
            if self._frames[0] == _STDOUT:
                payload += self._frames[_HEADER : _HEADER + size]
            self._frames = self._frames[_HEADER + size :]
        return payload
