"""What is recommended, in the words of each tool."""

import ast
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from analysis.bundle.contents import part_of
from analysis.recommendations.names import SUFFIXES, files
from analysis.recommendations.usable import Usable
from tests.made.judged import Truth, plan_of
from workloads.vocabulary.plan import UserModel

MODEL = UserModel("m.keras", None, "ab" * 32)


def usable(**setting: object) -> Usable:
    """A setting of a cell, with a model of the user's own."""
    plan = plan_of([Truth("tune", "model", [(dict.fromkeys(setting, "default"), 1.0), (setting, 1.2)], rounds=4)])
    cell = replace(plan.cells[0], model=MODEL, module="user_model")
    return Usable(replace(plan, cells=[cell]), cell, cell.settings[1], "tune-model", [0, 1], "1.2x over the defaults")


def test_a_model_s_line_mounts_it() -> None:
    line = usable(intra_op=1).files[".sh"]
    assert "--mount type=volume,source=threadmark-model-abababababababab,target=/opt/threadmark/model,readonly" in line
    assert '"workload": "user_model"' in line


def test_limits_stand_in_the_line_and_in_the_container_s() -> None:
    result = usable(cpus=2, cpu_quota=150).files
    assert "--cpuset-cpus 0,1" in result[".sh"]
    assert "--cpus 1.5" in result[".sh"]
    (container,) = yaml.safe_load(result[".kubernetes.yaml"])["containers"]
    assert container["resources"]["limits"]["cpu"] == "1500m"


def test_kubernetes_and_serving_get_the_pools() -> None:
    result = usable(intra_op=1, inter_op=2, TF_ENABLE_ONEDNN_OPTS="0").files
    (container,) = yaml.safe_load(result[".kubernetes.yaml"])["containers"]
    assert {entry["name"]: entry["value"] for entry in container["env"]} == {
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "2",
        "TF_ENABLE_ONEDNN_OPTS": "0",
    }
    flags = [line for line in result[".serving"].splitlines() if not line.startswith("#")]
    assert flags == ["--tensorflow_intra_op_parallelism=1", "--tensorflow_inter_op_parallelism=2"]


@pytest.mark.parametrize("setting", [{"intra_op": 1, "TF_ENABLE_ONEDNN_OPTS": "0"}, {"allocator": "tcmalloc"}])
def test_the_python_lines_run_and_set_what_they_say(setting: dict[str, object], tmp_path: Path) -> None:
    text = usable(**setting).files[".py"]
    ast.parse(text)
    # A module in TensorFlow's place that tells what was asked of it.
    (tmp_path / "tensorflow.py").write_text(
        "class threading:\n"
        "    set_intra_op_parallelism_threads = staticmethod(lambda number: print('intra', number))\n"
        "class config:\n"
        "    threading = threading\n"
        "import os; print(os.environ.get('TF_ENABLE_ONEDNN_OPTS'))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    environment.pop("TF_ENABLE_ONEDNN_OPTS", None)
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.split() == (["0", "intra", "1"] if "intra_op" in setting else ["None"])
    assert ("LD_PRELOAD" in text) == ("allocator" in setting)


def test_instances_get_their_parts_of_the_cpus_everywhere(tmp_path: Path) -> None:
    result = usable(instances=2).files
    assert '"instances": 2' in result[".sh"]
    assert f"--memory {2 * usable().cell.limits.memory_bytes}" in result[".sh"]
    deployed = yaml.safe_load(result[".kubernetes.yaml"])
    assert (deployed["replicas"], deployed["containers"][0]["resources"]["limits"]["cpu"]) == (2, "1")
    script = tmp_path / "taskset.sh"
    script.write_text(result[".taskset.sh"])
    words = ["sh", str(script), sys.executable, "-c", "import os; print(sorted(os.sched_getaffinity(0)))"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert sorted(done.stdout.split("\n")) == ["", "[0]", "[1]"]


def test_the_plan_names_every_file() -> None:
    result = usable(intra_op=1)
    assert files(result.plan) == [f"recommended/tune-model{suffix}" for suffix in SUFFIXES]
    assert list(result.files) == list(SUFFIXES)


def test_a_bundle_may_hold_every_file() -> None:
    assert all(part_of(file) for file in files(usable(intra_op=1).plan))
