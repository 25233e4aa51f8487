"""How many launches are on file, and how long the rest takes."""

from dataclasses import replace
from pathlib import Path

import pytest

from containers.rounds import progress
from containers.rounds.journal import Journal
from tests.made import records
from workloads.vocabulary.plan import Adaptive, AdaptiveBy
from workloads.vocabulary.record import Record

CELL = records.cell(rounds=2, settings=3)
PLAN = records.plan(CELL)


def test_before_the_first_launch_the_config_s_timing_decides(tmp_path: Path) -> None:
    a_launch = CELL.timing.warmup_s + CELL.timing.slice_s * CELL.timing.cycles + progress.OVERHEAD_S
    assert progress.ahead(tmp_path, PLAN).least_s == pytest.approx(6 * a_launch)


def test_launches_on_file_are_counted_in_rounds_and_in_their_journals(tmp_path: Path) -> None:
    first, second = (Journal(tmp_path / CELL.round_file(number)) for number in (1, 2))
    for position in (1, 2, 3):
        first.append(started(records.failed(CELL, 1, position, wall_s=10.0), 10 * position))
    first.finish()
    second.append(records.failed(CELL, 2, 1))
    assert progress.ahead(tmp_path, PLAN).done == 4
    assert progress.ahead(tmp_path, PLAN).least_s == pytest.approx(2 * 10.0)


def started(record: Record, second: int) -> Record:
    return replace(record, started_at=f"2026-11-22T00:00:{second:02d}.000+00:00")


def test_launches_that_are_up_together_share_their_time(tmp_path: Path) -> None:
    """The baseline is in each block, and counts once."""
    journal = Journal(tmp_path / CELL.round_file(1))
    journal.append(*(records.failed(CELL, 1, position, wall_s=12.0) for position in (1, 2)))
    journal.append(*(started(records.failed(CELL, 1, position, wall_s=12.0), 20) for position in (1, 3)))
    journal.finish()
    assert progress.ahead(tmp_path, PLAN).done == 3
    assert progress.ahead(tmp_path, PLAN).least_s == pytest.approx(3 * (12 + 12) / 3)


def test_a_line_that_a_kill_cut_short_does_not_count(tmp_path: Path) -> None:
    journal = Journal(tmp_path / CELL.round_file(1))
    journal.append(records.failed(CELL, 1, 1), records.failed(CELL, 1, 2))
    journal.path.write_bytes(journal.path.read_bytes()[:-9])
    assert progress.ahead(tmp_path, PLAN).done == 1


def test_another_definition_s_rounds_do_not_count(tmp_path: Path) -> None:
    stale = tmp_path / "rounds/threads/matmul@00000000/1.jsonl"
    stale.parent.mkdir(parents=True)
    stale.write_text('{"order_seed":"1","wall_s":99}\n')
    assert progress.ahead(tmp_path, PLAN).done == 0


def test_an_empty_plan_takes_no_time(tmp_path: Path) -> None:
    assert progress.ahead(tmp_path, records.plan()).least_s == 0


def test_a_run_is_whole_once_each_launch_is_on_file(tmp_path: Path) -> None:
    for number in (1, 2):
        journal = Journal(tmp_path / CELL.round_file(number))
        assert not progress.is_whole(tmp_path, PLAN)
        for position in (1, 2, 3):
            journal.append(records.failed(CELL, number, position))
        journal.finish()
    assert progress.is_whole(tmp_path, PLAN)


def test_a_run_whose_next_decision_is_due_is_not_whole(tmp_path: Path) -> None:
    cell = replace(CELL, rounds=1, adaptive=Adaptive(by=AdaptiveBy.WIDTH, first=1, step=1, most=4, target=0.01))
    journal = Journal(tmp_path / cell.round_file(1))
    for position in (1, 2, 3):
        journal.append(records.failed(cell, 1, position))
    journal.finish()
    assert not progress.is_whole(tmp_path, records.plan(cell))
