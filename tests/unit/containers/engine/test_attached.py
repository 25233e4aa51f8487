"""A container's streams as an engine hands them out: frames on one connection."""

import io
import os
import socket
import threading
import time
import types
from collections.abc import Iterator
from typing import Any

import pytest

from containers.engine.attached import AttachedStream


def frame(payload: bytes, stream: int = 1) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(payload).to_bytes(4, "big") + payload


class Response(io.BytesIO):
    """What the SDK keeps beside the socket."""


@pytest.fixture
def attached() -> Iterator[tuple[AttachedStream, socket.socket]]:
    """A stream, and the engine's end of it."""
    mine, engine = socket.socketpair()
    answer = types.SimpleNamespace(_sock=mine, _response=Response(), close=lambda: None)
    client: Any = types.SimpleNamespace(api=types.SimpleNamespace(attach_socket=lambda name, params: answer))
    stream = AttachedStream(client, types.SimpleNamespace(id="0"))  # type: ignore[arg-type]
    yield stream, engine
    stream.close()
    engine.close()


Attached = tuple[AttachedStream, socket.socket]


def test_payloads_come_out_however_frames_are_cut(attached: Attached) -> None:
    stream, engine = attached
    content = frame(b"one") + frame(b"two")
    for byte in content:
        engine.sendall(bytes([byte]))
    got = b""
    while len(got) < 6:
        got += stream.read(5.0)
    assert got == b"onetwo"


def test_standard_error_is_left_out(attached: Attached) -> None:
    stream, engine = attached
    engine.sendall(frame(b"noise", stream=2) + frame(b"answer"))
    assert stream.read(5.0) == b"answer"


def test_silence_is_a_timeout_and_what_comes_later_is_read(attached: Attached) -> None:
    stream, engine = attached
    with pytest.raises(TimeoutError):
        stream.read(0.01)
    engine.sendall(frame(b"late")[:5])
    with pytest.raises(TimeoutError):
        stream.read(0.01)
    engine.sendall(frame(b"late")[5:])
    assert stream.read(5.0) == b"late"


def test_an_end_is_nothing_and_writing_to_it_an_error(attached: Attached) -> None:
    stream, engine = attached
    stream.write(b"order\n")
    assert engine.recv(100) == b"order\n"
    engine.close()
    assert stream.read(5.0) == b""
    with pytest.raises(BrokenPipeError):
        stream.write(b"order\n" * 10)


def test_closing_wakes_whoever_reads_and_only_then_gives_the_descriptor_away(attached: Attached) -> None:
    """Its number may be another connection's at once: a reader must not wait on that one."""
    stream, _ = attached
    heard: list[bytes] = []
    reader = threading.Thread(target=lambda: heard.append(stream.read(60.0)))
    reader.start()
    time.sleep(0.1)
    stream.close()
    others = [os.open(os.devnull, os.O_RDONLY) for _ in range(20)]
    reader.join(10.0)
    for other in others:
        os.close(other)
    assert not reader.is_alive()
    assert heard == [b""]
    assert stream.read(1.0) == b""
