"""Two sweeps of the same settings, one in turns and one launch after launch. Simulated records."""

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.comparisons.comparison import COMPARISONS
from analysis.report.turns import TwoWays, two_ways
from analysis.tables.tables import read_launches
from tests.made.analysed import make_tables
from tests.made.simulated import Noise, SimulatedCell, simulated_plan, write_simulated_machine

SETTINGS = [{"intra_op": 1}, {"intra_op": 2}]


def rows(root: Path, alone_effect: float, alone_call_s: float = 0.02) -> list[TwoWays]:
    """What comes out where the effect in turns is 1.5, and launch after launch another one."""
    in_turns = SimulatedCell("turns", "w", SETTINGS, [1, 1.5])
    alone = SimulatedCell("alone", "w", SETTINGS, [1, alone_effect], call_s=alone_call_s)
    write_simulated_machine(root, [in_turns, alone], noise=Noise(round_sd=0.0, launch_sd=0.005))
    make_tables(root)
    plan = simulated_plan([in_turns, alone])
    cells = [replace(cell, turns=cell.sweep == "turns") for cell in plan.cells]
    return two_ways(replace(plan, cells=cells), COMPARISONS.read(root), read_launches(root))


def test_ratios_that_differ_by_chance_agree(tmp_path: Path) -> None:
    (result,) = rows(tmp_path, 1.5)
    assert result.agree
    assert result.in_turns.ratio == pytest.approx(1.5, rel=0.02)
    assert result.call is not None
    low, high = result.call.interval
    assert low < 1 < high


def test_ratios_that_differ_by_a_tenth_do_not(tmp_path: Path) -> None:
    (result,) = rows(tmp_path, 1.35)
    assert not result.agree


def test_a_call_that_takes_longer_in_turns_is_told(tmp_path: Path) -> None:
    (result,) = rows(tmp_path, 1.5, alone_call_s=0.018)
    assert result.agree
    assert result.call is not None
    assert result.call.ratio == pytest.approx(1 / 0.9, rel=0.02)


def test_agreement_is_judged_over_all_rows_together(tmp_path: Path) -> None:
    (result,) = rows(tmp_path, 1.35)
    assert result.p_adjusted == result.difference.p_difference()
    assert result.agree == (result.p_adjusted >= 0.05)


def test_a_plan_with_one_way_only_has_no_rows(tmp_path: Path) -> None:
    cell = SimulatedCell("turns", "w", SETTINGS, [1, 1.5])
    write_simulated_machine(tmp_path, [cell])
    make_tables(tmp_path)
    assert two_ways(simulated_plan([cell]), COMPARISONS.read(tmp_path), read_launches(tmp_path)) == []
