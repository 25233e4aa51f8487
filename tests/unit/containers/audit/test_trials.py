"""What an audit tries, from a plan."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from containers.audit.probing import read_answer
from containers.audit.rules import Died
from containers.audit.trials import SHADOWING, shadowed, trial, tried_values
from containers.engine.question import Answer
from containers.plan.symbolic import Counts
from workloads.vocabulary.knobs import CATALOGUE
from workloads.vocabulary.plan import Plan, ProbedKnobs
from workloads.vocabulary.record import KnobValue

COUNTS = Counts(cores=2, physical=2)


def plan(*settings: dict[str, KnobValue], fixed: dict[str, KnobValue] | None = None) -> Plan:
    made = [SimpleNamespace(resolved=setting) for setting in settings]
    cell = SimpleNamespace(fixed=fixed or {}, settings=made, default_image="cpu")
    return cast(Plan, SimpleNamespace(cells=[cell], probed=ProbedKnobs.CATALOGUE))


def values(made: Plan, image: str = "cpu") -> list[tuple[str, Any]]:
    return [(tried_value.knob, tried_value.value) for tried_value in tried_values(made, image, COUNTS)]


def test_every_knob_of_the_catalogue_but_the_image_is_tried() -> None:
    assert {knob for knob, _ in values(plan())} == set(CATALOGUE) - {"image"}
    assert ("intra_op", 4) in values(plan())  # 2*cores


def test_a_value_of_settings_or_fixed_knobs_is_tried_once_and_a_workload_s_own_parameter_is_not() -> None:
    made = plan({"intra_op": 7, "shape": "deep"}, {"intra_op": 7, "shape": "wide"}, fixed={"env:X_Y": "a"})
    tried = values(made)
    assert tried.count(("intra_op", 7)) == 1
    assert tried.count(("env:X_Y", "a")) == 1
    assert not [knob for knob, _ in tried if knob == "shape"]


def test_a_number_and_its_text_are_one_value_of_a_variable() -> None:
    results = [value for knob, value in values(plan({"OMP_NUM_THREADS": 1})) if knob == "OMP_NUM_THREADS"]
    assert [str(value) for value in results] == ["1"]


def test_the_settings_of_another_image_are_left_to_its_own_audit() -> None:
    made = plan({"intra_op": 7, "image": "cuda"})
    assert ("intra_op", 7) not in values(made)
    assert ("intra_op", 7) in values(made, "cuda")


def test_a_variable_beside_the_api_s_value_is_shadowed_unless_that_is_left_to_its_default() -> None:
    both: dict[str, KnobValue] = {"TF_NUM_INTEROP_THREADS": 4, "inter_op": 2}
    assert shadowed(plan(both), "cpu") == {("TF_NUM_INTEROP_THREADS", 4): "inter_op=2"}
    assert shadowed(plan(both | {"inter_op": None}), "cpu") == {}


def test_a_probe_has_its_knob_and_what_every_probe_has() -> None:
    assert dict(trial({"TF_ENABLE_ONEDNN_OPTS": "0"}).environment)["TF_ENABLE_ONEDNN_OPTS"] == "0"
    assert dict(trial({}).environment) == {"TF_ENABLE_ONEDNN_OPTS": "1", "ONEDNN_VERBOSE": "1"}
    assert dict(trial({"ONEDNN_VERBOSE": "0"}).environment)["ONEDNN_VERBOSE"] == "0"
    assert trial({"prefetch": "auto"}).asked.prefetch == "auto"
    assert (trial({"cpus": 1}).cpus, trial({"cpu_quota": 50}).cpu_quota) == (1, 50)
    assert trial({"intra_op": None}) == trial({})


def test_a_fatal_check_s_own_line_is_the_reason() -> None:
    stderr = "noise\nF0000 00:00:1.2   1 parse.cc:234] Unknown flag in XLA_FLAGS: --x\n    @  0x1 (unknown)\n"
    assert read_answer(Answer(134, "", stderr)) == Died(
        "the process was ended by SIGABRT: Unknown flag in XLA_FLAGS: --x"
    )
    raised = read_answer(Answer(1, "", "Traceback\n  x\nValueError: no\n"))
    assert raised == Died("the process ended with exit status 1: ValueError: no")
    assert read_answer(Answer(255, "", "x")) == Died("the process ended with exit status 255: x")
    assert read_answer(Answer(None, "", "")) == Died("the process did not end in time")


def test_a_config_may_leave_the_catalogue_s_values_out() -> None:
    cell = SimpleNamespace(
        fixed={"TF_ENABLE_ONEDNN_OPTS": "1"}, settings=[SimpleNamespace(resolved={"intra_op": 7})], default_image="cpu"
    )
    plan = cast(Plan, SimpleNamespace(cells=[cell], probed=ProbedKnobs.CONFIG))
    tried = {(tried_value.knob, tried_value.value) for tried_value in tried_values(plan, "cpu", COUNTS)}
    assert tried == {("TF_ENABLE_ONEDNN_OPTS", "1"), ("intra_op", 7)}


def test_the_knob_and_the_variable_that_says_the_same_are_both_in_the_catalogue() -> None:
    pairs = {name: knob.variable for name, knob in CATALOGUE.items() if knob.variable is not None}
    assert pairs == {"intra_op": "TF_NUM_INTRAOP_THREADS", "inter_op": "TF_NUM_INTEROP_THREADS"}
    assert set(pairs.values()) <= set(CATALOGUE)
    assert {variable: knob for knob, variable in pairs.items()} == SHADOWING
