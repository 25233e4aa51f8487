"""What a config comes to, on machines of this test's making."""

import copy
from pathlib import Path
from typing import Any

import pytest

from containers.host.machine import Host
from containers.plan.config import read, validate
from containers.plan.make import make_plan
from tests.unit.containers.plan.test_config import minimal
from workloads.vocabulary.errors import ConfigError
from workloads.vocabulary.plan import Hole, HoleKind, Plan

ROOT = Path(__file__).parents[4]
CONTEXTS = {"cpu": "11111111", "cuda": "22222222"}


def host(cores: int = 2, gpu_reason: str | None = "no GPU here") -> Host:
    return Host(slug=f"made-up-{cores}c-000000", cpus=list(range(cores)), physical_cores=cores, gpu_reason=gpu_reason)


def plan(content: dict[str, Any], on: Host | None = None, contexts: dict[str, str] | None = None) -> Plan:
    return make_plan(validate(content), on or host(), contexts or CONTEXTS)


def changed(**sweep: object) -> dict[str, Any]:
    content = copy.deepcopy(minimal())
    content["sweeps"]["threads"] |= sweep
    return content


def definition(content: dict[str, Any], contexts: dict[str, str] | None = None) -> str:
    return plan(content, contexts=contexts).cells[0].definition


def test_a_grid_is_every_combination_and_settings_come_beside_it() -> None:
    cell = plan(
        changed(
            grid={"intra_op": [1, "cores"], "inter_op": [1, "4*cores"]},
            settings=[{"intra_op": "default"}],
            baseline={},
        )
    ).cells[0]
    pairs = [(setting.resolved["intra_op"], setting.resolved["inter_op"]) for setting in cell.settings]
    assert pairs == [(1, 1), (1, 8), (2, 1), (2, 8), (None, None)]
    assert cell.settings[-1].id == cell.baseline
    assert cell.settings[3].written == {"intra_op": "cores", "inter_op": "4*cores"}


def test_values_that_mean_the_same_on_a_small_machine_are_measured_once() -> None:
    content = changed(grid={"intra_op": [1, "cores", "2*cores"]})
    assert [len(plan(content, host(cores)).cells[0].settings) for cores in (1, 2, 4)] == [2, 3, 3]


@pytest.mark.parametrize(
    ("sweep", "says"),
    [
        ({"baseline": {"intra_op": 7}}, "is not among the sweep's settings"),
        ({"baseline": {"inter_op": 1}}, "which the sweep does not vary"),
        ({"workloads": ["matmull"]}, "unknown workload 'matmull'; did you mean 'matmul'"),
        ({"grid": {"intra": [1]}}, "unknown knob 'intra'; did you mean 'intra_op'"),
        ({"grid": {"intra_op": ["all"]}}, "'all' is no number of threads"),
        ({"grid": {}}, "has no settings"),
        ({"fixed": {"image": "gpu"}}, "unknown image 'gpu'"),
        ({"fixed": {"instances": 3}}, "instances=3 is 3, and this machine has 1 to 2 to give"),
        ({"fixed": {"instances": "cores", "cpus": 1}}, "2 instances cannot have a CPU each of 1"),
        ({"fixed": {"instances": 2, "image": "cuda"}}, "instances cannot share a GPU"),
    ],
)
def test_a_sweep_s_mistake_is_named_with_its_place(sweep: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        plan(changed(**sweep))
    assert "sweeps.threads" in str(caught.value)


@pytest.mark.parametrize(
    ("workload", "says"),
    [
        ({"params": {"rows": 3}}, "no such parameter"),
        ({"params": {"n": 0}}, "is not a whole number"),
        ({"params": {"n": "big"}}, "is not a whole number"),
        ({"module": "matmult"}, "no such workload; did you mean 'matmul'"),
    ],
)
def test_a_workload_s_mistake_is_named_with_its_place(workload: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        plan(minimal() | {"workloads": {"matmul": workload}})
    assert "workloads.matmul" in str(caught.value)


def test_instances_are_a_number_or_a_part_of_the_cpus() -> None:
    content = changed(grid={"instances": [1, "cores/2", "cores"]}, baseline={"instances": 1})
    results = [
        [setting.resolved["instances"] for setting in plan(content, host(cores)).cells[0].settings]
        for cores in (1, 2, 8)
    ]
    assert results == [[1], [1, 2], [1, 4, 8]]


def test_the_defaults_of_a_workload_s_parameters_are_written_out() -> None:
    params = plan(minimal() | {"workloads": {"matmul": {}}}).cells[0].params
    assert params.keys() == {"m", "n", "k", "transpose_a", "transpose_b", "precision", "jit_compile"}


def test_what_changes_a_measurement_changes_the_definition() -> None:
    base = definition(minimal())
    other = [
        minimal() | {"workloads": {"matmul": {"params": {"n": 65}}}},
        minimal() | {"seed": 1},
        minimal() | {"timing": {"slice_s": 0.9}},
        minimal() | {"limits": {"pids": 100}},
        minimal() | {"fixed": {"TF_ENABLE_ONEDNN_OPTS": 0}},
        changed(grid={"intra_op": [1, 2, 3]}),
    ]
    result = {definition(content) for content in other} | {definition(minimal(), {"cpu": "33333333", "cuda": ""})}
    assert len(result) == 7
    assert base not in result


def test_what_does_not_change_a_measurement_leaves_the_definition() -> None:
    base = definition(minimal())
    assert definition(minimal() | {"rounds": 9}) == base
    assert definition(changed(question="Another?", baseline={"intra_op": 2})) == base
    assert definition(minimal(), {"cpu": "11111111", "cuda": "44444444"}) == base


def test_a_sweep_s_own_knob_wins_over_the_fixed_one() -> None:
    assert plan(minimal() | {"fixed": {"intra_op": 5, "inter_op": 3}}).cells[0].fixed == {"inter_op": 3}


def test_without_a_gpu_its_sweeps_are_holes_with_the_reason() -> None:
    content = changed(fixed={"image": "cuda"})
    planned = plan(content)
    assert planned.cells == []
    assert planned.holes == [
        Hole(HoleKind.IMAGE, "cuda", "no GPU here"),
        Hole(HoleKind.SWEEP, "threads", "it needs image cuda, which is not built here"),
    ]


def test_with_a_gpu_its_sweeps_are_planned() -> None:
    planned = plan(changed(fixed={"image": "cuda"}), host(gpu_reason=None))
    assert planned.holes == []
    assert planned.cells[0].fixed == {"image": "cuda"}


def test_an_image_that_the_suite_does_not_have_is_named_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="config: images: unknown image 'cudo'; did you mean 'cuda'"):
        plan(minimal() | {"images": ["cudo"]})


def test_outside_a_container_there_is_neither_a_quota_nor_a_gpu() -> None:
    for knobs in ({"image": "cuda"}, {"cpu_quota": 50}):
        with pytest.raises(ConfigError, match="leave out `container: false`"):
            plan(changed(fixed={"container": False, **knobs}), host(gpu_reason=None))
    assert plan(changed(fixed={"container": False, "image": "cpu"})).cells


def test_images_that_are_asked_for_are_built_anywhere() -> None:
    assert plan(minimal() | {"images": ["cuda", "cpu"]}).images == CONTEXTS


@pytest.mark.parametrize("name", ["quick", "default"])
@pytest.mark.parametrize("cores", [1, 2, 64])
def test_the_shipped_configs_make_a_plan_on_any_machine(name: str, cores: int) -> None:
    planned = plan(read(ROOT / f"config/{name}.yaml"), host(cores, gpu_reason=None))
    assert planned.launches > 0
    assert all(cell.baseline in {setting.id for setting in cell.settings} for cell in planned.cells)


def test_a_plan_that_no_machine_lives_to_finish_is_asked_about() -> None:
    content = minimal() | {"rounds": 10_000}
    content["sweeps"]["threads"]["grid"] = {"intra_op": list(range(1, 20))}
    with pytest.raises(ConfigError, match=r"it comes to 190,000 launches; write `large: true`"):
        plan(content)
    assert plan(content | {"large": True}).cells[0].rounds == 10_000


def test_a_grid_that_no_memory_holds_is_refused_at_once() -> None:
    knobs = {f"env:A{number}": [str(value) for value in range(10)] for number in range(12)}
    with pytest.raises(ConfigError, match="has 1,000,000,000,000 settings"):
        plan(changed(grid={"intra_op": [1], **knobs}))


def test_presets_come_to_settings_of_this_machine_and_may_share_one() -> None:
    presets = {
        "defaults": {},
        "zoo": {"inter_op": 2, "intra_op": "physical"},
        "guide": {"inter_op": "cores", "intra_op": "cores"},
        "launcher": {"inter_op": 1, "intra_op": "cores"},
    }
    [cell] = plan(changed(grid={}, presets=presets, baseline={})).cells
    assert [setting.label for setting in cell.settings] == [
        "defaults",
        "inter_op=2 intra_op=2",
        "inter_op=1 intra_op=2",
    ]
    by_name = {name: next(s.label for s in cell.settings if s.id == id_) for name, id_ in cell.presets.items()}
    assert by_name["zoo"] == by_name["guide"] == "inter_op=2 intra_op=2"
    assert by_name["launcher"] == "inter_op=1 intra_op=2"
