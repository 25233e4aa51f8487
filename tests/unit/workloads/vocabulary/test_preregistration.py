"""What was to be measured is on file before the first launch, and stays there when the plan changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.made.simulated import SimulatedCell, simulated_plan
from workloads.vocabulary.errors import DocumentError
from workloads.vocabulary.preregistration import FILE, checksum, preregister, preregistrations

PLAN = simulated_plan([SimulatedCell("s", "w", [{"intra_op": 1}, {"intra_op": 2}], [1.0, 1.1], rounds=8)])
SHORTER = replace(PLAN, cells=[replace(cell, rounds=4) for cell in PLAN.cells])


def test_each_plan_that_launches_are_made_by_is_registered_once(tmp_path: Path) -> None:
    for plan, now in ((PLAN, "a"), (PLAN, "b"), (SHORTER, "c")):
        assert preregister(tmp_path, plan, now) == checksum(plan)
    entries = preregistrations(tmp_path)
    assert [(entry.sha256, entry.first_used_at) for entry in entries] == [
        (checksum(PLAN), "a"),
        (checksum(SHORTER), "c"),
    ]
    assert [list(entry.rounds.values()) for entry in entries] == [[8], [4]]


def test_a_plan_that_measures_something_else_has_another_checksum() -> None:
    fewer = replace(PLAN, cells=[replace(cell, settings=cell.settings[:1]) for cell in PLAN.cells])
    renamed = replace(PLAN, cells=[replace(cell, question="another?") for cell in PLAN.cells])
    assert len({checksum(PLAN), checksum(SHORTER), checksum(fewer)}) == 3
    assert checksum(renamed) == checksum(PLAN)


def test_a_run_older_than_the_file_has_none(tmp_path: Path) -> None:
    assert preregistrations(tmp_path) == []


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"sha256": 1}\n')
    with pytest.raises(DocumentError, match=rf"{FILE}:1 is no valid preregistration.*restore the file"):
        preregistrations(tmp_path)
