"""How many launches are on file, and how long the rest takes."""

from pathlib import Path

import pytest

from containers.rounds import progress
from containers.rounds.journal import Journal
from tests.made import records

CELL = records.cell(rounds=2, settings=3)
PLAN = records.plan(CELL)


def test_before_the_first_launch_the_config_s_timing_decides(tmp_path: Path) -> None:
    a_launch = CELL.timing.warmup_s + CELL.timing.slice_s * CELL.timing.cycles + progress.OVERHEAD_S
    assert progress.ahead(tmp_path, PLAN).least_s == pytest.approx(6 * a_launch)


def test_launches_on_file_are_counted_in_rounds_and_in_their_journals(tmp_path: Path) -> None:
    first, second = (Journal(tmp_path / CELL.round_file(number)) for number in (1, 2))
    for position in (1, 2, 3):
        first.append(records.failed(CELL, 1, position, wall_s=10.0))
    first.finish()
    second.append(records.failed(CELL, 2, 1))
    assert progress.ahead(tmp_path, PLAN).done == 4
    assert progress.ahead(tmp_path, PLAN).least_s == pytest.approx(2 * 10.0)


def test_another_definition_s_rounds_do_not_count(tmp_path: Path) -> None:
    stale = tmp_path / "rounds/threads/matmul@00000000/1.jsonl"
    stale.parent.mkdir(parents=True)
    stale.write_text('{"order_seed":"1","wall_s":99}\n')
    assert progress.ahead(tmp_path, PLAN).done == 0


def test_an_empty_plan_takes_no_time(tmp_path: Path) -> None:
    assert progress.ahead(tmp_path, records.plan()).least_s == 0
