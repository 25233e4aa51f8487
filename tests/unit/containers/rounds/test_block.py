"""How the launches of a block are started, and that none is left when it ends."""

import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest

from containers.launch.prepared import Launch
from containers.rounds.block import Block, started_block


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


def launch(instances: int) -> Launch:
    return cast(Launch, SimpleNamespace(case=SimpleNamespace(instances=instances)))


LAUNCHES = [launch(1) for _ in range(4)]


@pytest.mark.parametrize("first", [1, 2])
def test_as_many_start_at_once_as_are_known_to_fit(first: int) -> None:
    barrier, begun = threading.Barrier(first), []

    def begin(launch: Launch) -> Any:
        begun.append(FakeBegun(launch, barrier))
        return begun[-1]

    with started_block(LAUNCHES, begin, lambda largest, begun, starting: False, threads=2, first=first) as block:
        assert [entry.launch for entry in block.begun] == LAUNCHES[:first]
    assert all(launch.is_removed for launch in begun)


def test_the_others_follow_as_long_as_there_is_room() -> None:
    def begin(launch: Launch) -> Any:
        return FakeBegun(launch, threading.Barrier(1))

    with started_block(LAUNCHES, begin, lambda largest, begun, starting: begun < 3, threads=1) as block:
        assert len(block.begun) == 3


def test_a_launch_of_several_instances_needs_room_for_each_of_them() -> None:
    """Room for three more: the launch of four waits, and so do those after it."""
    asked: list[tuple[int, int]] = []

    def has_room(largest: int, begun: int, starting: int) -> bool:
        asked.append((begun, starting))
        return starting < 3

    def begin(launch: Launch) -> Any:
        return FakeBegun(launch, threading.Barrier(1))

    launches = [launch(1), launch(2), launch(4)]
    with started_block(launches, begin, has_room, threads=2) as block:
        assert [entry.launch.case.instances for entry in block.begun] == [1, 2]
    assert asked[0] == (2, 1)
    assert asked[-1] == (6, 3)


def test_the_most_memory_is_told_of_an_instance() -> None:
    block = Block()
    for instances in (1, 4):
        begun = FakeBegun(launch(instances), threading.Barrier(1))
        begun.peak_rss_bytes = 100 * instances + 8
        block.begun.append(cast(Any, begun))
    assert block.largest_bytes == 108
