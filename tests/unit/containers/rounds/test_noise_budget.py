"""What a loud machine may cost a run, read off the records."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from containers.rounds import noise_budget
from containers.rounds.journal import Journal
from tests.made import records
from workloads.vocabulary.record import to_json

CELL = records.cell(rounds=2, settings=3)
PLAN = replace(records.plan(CELL), config={"noise_budget_s": 40})


def test_without_a_budget_there_is_no_end_to_it(tmp_path: Path) -> None:
    for config in ({}, {"noise_budget_s": None}):
        assert noise_budget.left_s(tmp_path, replace(PLAN, config=config)) == math.inf


def test_waiting_and_launching_again_are_spent_and_first_launches_are_not(tmp_path: Path) -> None:
    """Of a round that is whole and of one under way."""
    first, second = (Journal(tmp_path / CELL.round_file(number)) for number in (1, 2))
    first.append(replace(records.failed(CELL, 1, 1, wall_s=10.0), gate_s=5.25))
    first.append(replace(records.failed(CELL, 1, 1, wall_s=4.0), attempt=2))
    first.append(replace(records.failed(CELL, 1, 1, wall_s=3.5), attempt=3))
    first.finish()
    second.append(replace(records.failed(CELL, 2, 1, wall_s=10.0), gate_s=1e-5))
    assert noise_budget.left_s(tmp_path, PLAN) == pytest.approx(40 - 5.25 - 4.0 - 3.5, abs=1e-3)


def test_the_peaks_spend_of_it_too(tmp_path: Path) -> None:
    again = replace(records.failed(CELL, 1, 1, wall_s=8.0), attempt=2)
    (tmp_path / "peaks.jsonl").write_text(to_json(again) + "\n")
    assert noise_budget.left_s(tmp_path, PLAN) == pytest.approx(32)
