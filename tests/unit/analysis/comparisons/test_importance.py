"""How much each knob explains, on settings whose speeds are made up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analysis.comparisons.comparison import COMPARISONS, Comparison
from analysis.comparisons.importance import CHANCE, TOGETHER, importance
from analysis.records.folder import read_plan
from tests.made.analysed import make_tables
from tests.made.simulated import thread_grid, write_simulated_machine
from workloads.vocabulary.plan import Plan


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, list[Comparison]]:
    root = tmp_path_factory.mktemp("machine")
    write_simulated_machine(root, [thread_grid(rounds=4)])
    make_tables(root)
    return read_plan(root), COMPARISONS.read(root)


def _with_speeds(plan: Plan, compared: list[Comparison], speed: dict[str, dict[int | None, float]]) -> list[Comparison]:
    """The comparisons, each with the sum of its knobs' logarithms, and a thousandth of noise."""
    resolved = {setting.id: setting.resolved for setting in plan.cells[0].settings}

    def logarithm(setting: str) -> float:
        return sum(speed[knob].get(value, 0.0) for knob, value in resolved[setting].items() if knob in speed)

    return [
        replace(
            row, log_ratios=tuple(logarithm(row.setting) + noise for noise in (0.001, -0.001)), standard_error=0.001
        )
        for row in compared
    ]


def test_a_knob_that_alone_matters_explains_nearly_all(measured: tuple[Plan, list[Comparison]]) -> None:
    plan, compared = measured
    rows = importance(plan, _with_speeds(plan, compared, {"intra_op": {1: -0.5, 2: 0.1, 4: 0.2}}))
    shares = {row.knob: row.share for row in rows}
    assert rows[0].knob == "intra_op"
    assert shares["intra_op"] > 0.9
    assert shares["inter_op"] < 0.01
    assert shares[CHANCE] < 0.01
    assert rows[0].spread == pytest.approx(np.exp(0.7))


def test_what_only_both_together_do_is_no_knob_s(measured: tuple[Plan, list[Comparison]]) -> None:
    plan, compared = measured
    resolved = {setting.id: setting.resolved for setting in plan.cells[0].settings}

    def crossed(setting: str) -> float:
        pair = resolved[setting].get("intra_op"), resolved[setting].get("inter_op")
        return {(1, 1): 0.3, (4, 4): 0.3, (1, 4): -0.3, (4, 1): -0.3}.get(pair, 0.0)  # type: ignore[arg-type]

    rows = importance(
        plan, [replace(row, log_ratios=(crossed(row.setting),) * 2, standard_error=0.001) for row in compared]
    )
    shares = {row.knob: row.share for row in rows}
    assert shares[TOGETHER] > 0.9
    assert shares["intra_op"] + shares["inter_op"] < 0.1


def test_a_sweep_of_one_knob_has_nothing_to_share_out(measured: tuple[Plan, list[Comparison]]) -> None:
    plan, compared = measured
    [cell] = plan.cells
    alone = [
        replace(setting, resolved={"intra_op": setting.resolved["intra_op"], "inter_op": None})
        for setting in cell.settings
    ]
    assert importance(replace(plan, cells=[replace(cell, settings=alone)]), compared) == []
