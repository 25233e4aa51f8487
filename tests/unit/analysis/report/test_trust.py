"""How far to trust a run, on records made by hand and by simulation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.comparisons import compare as stats
from analysis.comparisons.comparison import COMPARISONS
from analysis.report import trust
from analysis.tables.tables import read_launches
from tests.made.analysed import tidied
from tests.made.simulated import (
    Noise,
    SimulatedCell,
    set_aside,
    write_simulated_machine,
)
from workloads.vocabulary.record import KnobValue, Record

PLACEBO: list[dict[str, KnobValue]] = [{"env:PLACEBO": value} for value in "abcd"]


def test_negative_controls_are_counted_and_no_others(tmp_path: Path) -> None:
    cells = [
        SimulatedCell("placebo", "w", PLACEBO, [1.0] * 4, rounds=20),
        SimulatedCell("real", "w", [{"intra_op": 1}, {"intra_op": 2}], [1.0, 2.0], rounds=20),
    ]
    plan = write_simulated_machine(tmp_path, cells, noise=Noise(launch_sd=0.02))
    assert tidied(tmp_path) == 0
    assert stats.main(["--results", str(tmp_path)]) == 0
    controls = {(plan.cells[0].definition, setting.id) for setting in plan.cells[0].settings}
    result = trust.placebo(COMPARISONS.read(tmp_path), controls)
    assert (result.comparisons, result.called) == (3, 0)
    assert result.largest is not None
    assert 1 < result.largest < 1.05


def test_a_run_without_a_control_has_no_rate() -> None:
    assert trust.placebo([], set()) == trust.Placebo(0, 0, 0, None)


def test_what_the_canary_set_aside_is_counted(tmp_path: Path) -> None:
    """All cycles of one launch in each of two rounds, and one of another's: the first two are missing there."""

    def faults(record: Record) -> Record:
        if (record.position, record.round) in {(1, 1), (2, 2)}:
            return set_aside(record)
        if (record.position, record.round) == (1, 3):
            return replace(record, turns=replace(record.turns, kept=[False, *record.turns.kept[1:]]))
        return record

    write_simulated_machine(tmp_path, [SimulatedCell("s", "w", PLACEBO, [1.0] * 4, rounds=3)], faults=faults)
    assert tidied(tmp_path) == 0
    result = trust.quiet(read_launches(tmp_path))
    assert (result.launches, result.cycles, result.set_aside, result.lost) == (12, 120, 21, 2)
    assert (result.cpus, result.pressure_s) == (2, None)
    assert result.capacity == pytest.approx(1.94, abs=0.01)
