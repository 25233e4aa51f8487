"""The line to a launch: an order goes out, an answer comes back, over whatever streams there are."""

import json
import time
from contextlib import suppress
from typing import Annotated, Any, Protocol

from pydantic import Field, TypeAdapter, ValidationError

from workloads.vocabulary.documents import check_numbers
from workloads.vocabulary.errors import DocumentError
from workloads.vocabulary.protocol import MOST_BYTES, Answer, Order, to_line

_ANSWER: TypeAdapter[Any] = TypeAdapter(Annotated[Answer, Field(discriminator="answer")])
_SHOWN = 200  # characters of an answer that is none


class NonsenseError(Exception):
    """What came is no answer of the protocol; the exception's text is its beginning."""


class Stream(Protocol):
    """Bytes to and from a launch."""

    def read(self, within_s: float) -> bytes:
        """What has come, at least one byte; nothing at the stream's end. Raises TimeoutError."""

    def write(self, content: bytes) -> None:
        """Send all of it. Raises OSError where nobody listens any more."""

    def close(self) -> None:
        """Let go of it."""


class Channel:
    """Asks a launch over a stream."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._heard = b""

    def order(self, order: Order) -> None:
        """Send an order. One that nobody hears any more has no answer, which `answer` will tell."""
        with suppress(OSError):
            self._stream.write(to_line(order).encode() + b"\n")

    def answer(self, within_s: float) -> Answer | None:
        """The next answer; None where the stream has ended. Raises TimeoutError and NonsenseError."""
        deadline = time.monotonic() + within_s
        chunks = [self._heard]
        size = len(self._heard)
        while b"\n" not in chunks[-1]:
            chunk = self._stream.read(max(0.0, deadline - time.monotonic()))
            if not chunk:
                return self._parse(b"".join(chunks)) if size else None
            chunks.append(chunk)
            size += len(chunk)
            if size > MOST_BYTES + 1:
                raise NonsenseError(f"more than {MOST_BYTES} bytes, from {_short(chunks[0] or chunks[1])}")
        line, _, self._heard = b"".join(chunks).partition(b"\n")
        return self._parse(line)

    def close(self) -> None:
        """Let go of the stream."""
        self._stream.close()

    def _parse(self, line: bytes) -> Answer:
        try:
            check_numbers(line, "its answer")
            answer: Answer = _ANSWER.validate_python(json.loads(line))
        except (DocumentError, ValidationError, ValueError) as error:
            reason = error.what if isinstance(error, DocumentError) else _short(line)
            raise NonsenseError(reason) from None
        return answer


def _short(line: bytes) -> str:
    return repr(line[:_SHOWN].decode(errors="replace"))
