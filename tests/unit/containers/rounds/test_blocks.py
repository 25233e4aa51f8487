"""Which launches make up the next block of a round."""

from dataclasses import replace

import pytest

from containers.launch.prepared import prepare
from containers.rounds import blocks
from containers.rounds.blocks import MOST_KILLS
from containers.rounds.memory import available_bytes, room
from tests.made import records
from workloads.vocabulary.record import ImageIdentity, Record, Status

CELL = records.cell(settings=4)
IMAGES = {"cpu": ImageIdentity("cpu", "0", "0")}
# The baseline is the cell's first setting; in this round's order it comes third.
LAUNCHES = [prepare(CELL, CELL.settings[index], [0], IMAGES) for index in (1, 3, 0, 2)]


def record(setting: int, block: int, status: Status = Status.FAILED) -> Record:
    made = records.failed(CELL, 1, setting + 1)
    return replace(made, status=status, turns=replace(made.turns, block=block))


def due(*on_file: Record, turns: bool = True) -> list[int]:
    wanted = blocks.due(replace(CELL, turns=turns), LAUNCHES, on_file)
    return [CELL.settings.index(launch.setting) for launch in wanted]


def test_all_of_a_round_are_due_the_baseline_first() -> None:
    assert due() == [0, 1, 3, 2]


def test_what_did_not_fit_is_due_with_the_baseline_once_more() -> None:
    assert due(record(0, 1), record(1, 1)) == [0, 3, 2]
    assert due(record(0, 1), record(1, 1), record(0, 2), record(3, 2)) == [0, 2]


def test_a_whole_round_has_nothing_due() -> None:
    assert due(*(record(setting, 1) for setting in range(4))) == []


def test_without_turns_each_launch_is_a_block_of_its_own_in_the_round_s_order() -> None:
    assert due(turns=False) == [1]
    assert due(record(1, 1), turns=False) == [3]
    assert due(record(1, 1), record(3, 2), turns=False) == [0]


def test_where_not_even_two_fit_they_go_one_after_another() -> None:
    assert due(record(0, 1)) == [1]
    assert due(record(0, 1), record(1, 2), record(3, 3)) == [2]


def test_what_somebody_killed_from_outside_is_due_again_for_a_while() -> None:
    on_file = [record(1, 1), record(2, 1)]
    for block in range(1, MOST_KILLS + 1):
        on_file += [record(0, block), record(3, block, Status.KILLED)]
        assert due(*on_file) == ([0, 3] if block < MOST_KILLS else [])
    assert due(record(0, 1, Status.KILLED), *(record(setting, 1) for setting in (1, 2, 3))) == [0]


def test_blocks_are_numbered() -> None:
    assert blocks.next_number([]) == 1
    assert blocks.next_number([record(0, 1), record(1, 1), record(0, 2)]) == 3


GIB = 1 << 30


@pytest.mark.parametrize(
    ("largest", "starting", "available", "fits"),
    [
        (GIB, 0, 2 * GIB, True),
        (GIB, 0, 1.2 * GIB, False),
        (GIB, 1, 2 * GIB, False),
        (GIB, 1, 2.7 * GIB, True),
        (0, 0, 2 * GIB, True),
        (0, 0, GIB / 2, False),
    ],
)
def test_another_launch_fits_with_a_reserve_for_those_that_are_starting(
    largest: int, starting: int, available: float, fits: bool
) -> None:
    assert room(largest, starting, int(available)) is fits


def test_available_memory_is_the_kernel_s_word(tmp_path) -> None:
    told = tmp_path / "meminfo"
    told.write_text("MemTotal:       8000000 kB\nMemAvailable:   1000 kB\n")
    assert available_bytes(told) == 1000 << 10
    assert available_bytes(tmp_path / "absent") is None
    here = available_bytes()
    assert here is None or here > 0
