"""Whatever a launch writes where an answer is expected is an answer, or nonsense with a short beginning of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from containers.launch.channel import Channel, NonsenseError
from tests.fuzz.minute import for_a_minute
from tests.made.mutations import damaged, mutated
from workloads.vocabulary.protocol import Ended, Ready, Sliced, Ticked

ANSWERS = [
    asdict(answer) for answer in (Ready(1), Sliced(3, 0.1, 0.03, 0.01, 1.0), Ticked(0.01, 0.02, 2), Ended(0, False))
]


_LONGEST = 1000


class _Said:
    """A stream that holds what was said, in pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = [piece for piece in pieces if piece]

    def read(self, within_s: float) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    def write(self, content: bytes) -> None:
        """Nobody listens."""

    def close(self) -> None:
        """Nothing to let go of."""


def _tries(pieces: list[bytes]) -> None:
    channel = Channel(_Said(pieces))
    for _ in range(len(pieces) + 1):
        try:
            if channel.answer(1.0) is None:
                return
        except NonsenseError as error:
            said = str(error)
            assert len(said) < _LONGEST


@for_a_minute
@given(mutated(ANSWERS))
def test_an_answer_with_odd_values(document: Any) -> None:
    """Real ones, with up to three things wrong in them."""
    _tries([json.dumps(document).encode("utf-8", "surrogatepass") + b"\n"])


@for_a_minute
@given(st.lists(damaged([json.dumps(answer).encode() + b"\n" for answer in ANSWERS]) | st.binary(), max_size=6))
def test_any_bytes(pieces: list[bytes]) -> None:
    """Damaged answers and noise, in pieces."""
    _tries(pieces)
