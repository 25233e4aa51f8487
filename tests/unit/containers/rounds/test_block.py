"""How the launches of a block are started, and that none is left when it ends."""

import threading
from typing import Any, cast

import pytest

from containers.launch.prepared import Launch
from containers.rounds.block import started_block


class FakeBegun:
    """A launch that is ready once all that shall start beside it have begun."""

    peak_rss_bytes = 1

    def __init__(self, launch: Launch, beside: threading.Barrier) -> None:
        self.launch = launch
        self.beside = beside
        self.is_removed = False

    def wait_until_ready(self) -> None:
        """Come back when those beside it have begun as well."""
        self.beside.wait(timeout=20)

    def remove(self) -> None:
        """Note it."""
        self.is_removed = True


LAUNCHES = [cast(Launch, f"launch {number}") for number in range(4)]


@pytest.mark.parametrize("first", [1, 2])
def test_as_many_start_at_once_as_are_known_to_fit(first: int) -> None:
    barrier, begun = threading.Barrier(first), []

    def begin(launch: Launch) -> Any:
        begun.append(FakeBegun(launch, barrier))
        return begun[-1]

    with started_block(LAUNCHES, begin, lambda largest, begun, starting: False, threads=2, first=first) as block:
        assert [one.launch for one in block.begun] == LAUNCHES[:first]
    assert all(launch.is_removed for launch in begun)


def test_the_others_follow_as_long_as_there_is_room() -> None:
    def begin(launch: Launch) -> Any:
        return FakeBegun(launch, threading.Barrier(1))

    with started_block(LAUNCHES, begin, lambda largest, begun, starting: begun < 3, threads=1) as block:
        assert len(block.begun) == 3
