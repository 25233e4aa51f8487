"""A plan and configs of format 2, read as today's."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from containers.plan.config import validate
from workloads.vocabulary.older_formats import upgraded
from workloads.vocabulary.older_plans import upgraded_config
from workloads.vocabulary.plan import Hole, HoleKind, Plan, ProbedKnobs

PLAN: dict[str, Any] = json.loads((Path(__file__).parents[3] / "made/format_2/plan.json").read_text())


def read(plan: dict[str, Any]) -> Plan:
    return TypeAdapter(Plan).validate_python(upgraded(plan))


def test_a_plan_of_format_2_is_read_with_a_config_that_this_version_takes() -> None:
    plan = read(PLAN)
    assert {(cell.timing.slice_s, cell.timing.cycles) for cell in plan.cells} == {(0.3, 1)}
    assert validate(plan.config).timing.slice_s == 0.2


@pytest.mark.parametrize(
    ("timing", "wanted"),
    [
        ({"measure_s": 3.2, "min_samples": 10, "warmup_s": 0.1}, {"warmup_s": 0.1, "slice_s": 0.2, "cycles": 16}),
        ({"measure_s": 0.05}, {"slice_s": 0.2, "cycles": 1}),
        ({"min_samples": 3}, {}),
        ({"slice_s": 0.1, "cycles": 3}, {"slice_s": 0.1, "cycles": 3}),
    ],
)
def test_a_config_keeps_the_seconds_of_its_calls(timing: dict[str, Any], wanted: dict[str, Any]) -> None:
    config = {"rounds": 1, "timing": timing, "noise_budget_s": 5}
    assert upgraded_config(config) == {"rounds": 1, "timing": wanted}
    assert upgraded_config({"rounds": 1}) == {"rounds": 1}


def test_what_stages_asked_of_its_config_becomes_fields() -> None:
    config = PLAN["config"] | {"audit": "config", "peaks": False}
    plan = read(PLAN | {"config": config})
    assert (plan.probed, plan.peaks) == (ProbedKnobs.CONFIG, False)
    assert (plan.default_image, plan.gpu_images) == ("cpu", ["cuda"])
    without = {key: value for key, value in config.items() if key not in ("audit", "peaks")}
    plan = read(PLAN | {"config": without})
    assert (plan.probed, plan.peaks) == (ProbedKnobs.CATALOGUE, True)


def test_fixed_knobs_are_known_as_the_config_wrote_them() -> None:
    plan = copy.deepcopy(PLAN)
    cell = plan["cells"][0]
    cell["fixed"] = {"co_runners": 1, "cpus": 2, "intra_op": 7}
    plan["config"]["fixed"] = {"co_runners": "cores/2", "cpus": "cores"}
    plan["config"]["sweeps"][cell["sweep"]]["fixed"] = {"cpus": "physical"}
    assert read(plan).cells[0].fixed_as_written == {"co_runners": "cores/2", "cpus": "physical"}


def test_a_hole_that_was_said_in_words_has_a_kind_and_a_name() -> None:
    holes = [{"what": "image cuda", "reason": "no GPU"}, {"what": "sweep a-b", "reason": "it needs image cuda"}]
    plan = read(PLAN | {"holes": holes})
    assert plan.holes == [
        Hole(HoleKind.IMAGE, "cuda", "no GPU"),
        Hole(HoleKind.SWEEP, "a-b", "it needs image cuda"),
    ]
    assert plan.missing(HoleKind.IMAGE, plan.gpu_images) == ["no GPU"]


PRECISION = {"target": 0.01, "min_rounds": 6, "max_rounds": 20, "budget_minutes": 3}
NARROW = {"until": 0.01, "at_least": 6, "at_most": 20, "budget_minutes": 3}


def test_a_width_beside_a_number_of_rounds_takes_its_key() -> None:
    sweeps = {
        "by the config": {},
        "counted": {"rounds": 3},
        "no width": {"precision": False},
        "its own": {"precision": {"min_rounds": 7}},
        "search": {"strategy": "search", "minutes": 2},
        "counted search": {"strategy": "search", "minutes": 2, "rounds": 9},
    }
    config = upgraded_config({"rounds": 10, "precision": PRECISION, "sweeps": sweeps})
    assert config["rounds"] == NARROW
    assert {name: sweep.get("rounds") for name, sweep in config["sweeps"].items()} == {
        "by the config": None,
        "counted": 3,
        "no width": 10,
        "its own": {"until": 0.02, "at_least": 7},
        "search": 10,
        "counted search": 9,
    }
    assert upgraded_config(config) == config


def test_without_a_width_rounds_stay_a_number() -> None:
    old = {"rounds": 4, "precision": None, "sweeps": {"a": {"precision": None, "rounds": None}}}
    assert upgraded_config(old) == {"rounds": 4, "sweeps": {"a": {"rounds": None}}}
