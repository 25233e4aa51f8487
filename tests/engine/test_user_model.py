"""Users' own models on the real engine: each form runs, and what is wrong with one is a typed record with its words."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from docker import DockerClient

from containers.host.machine import Host
from containers.plan.config import validate
from containers.plan.make import make_plan
from tests.made.user_models import LINEAR, RunModel, npz, written
from workloads.vocabulary import documents
from workloads.vocabulary.inventory import Receipt
from workloads.vocabulary.plan import Cell
from workloads.vocabulary.record import Record, Status

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
InImage = Callable[..., str]


def test_a_saved_model_runs_on_inputs_made_up_from_its_signature(run_model: RunModel, nets: Path) -> None:
    record = run_model(nets / "net", batch=4, length=7)
    assert record.status == "ok", record.words
    assert record.measurement is not None
    assert record.measurement.check.reference == (
        "the loaded function by itself on made-up inputs: features float32 (4, 12) standard normal, "
        "ids int32 (4, 7) 0 to 49"
    )
    assert (record.measurement.work.amount, record.measurement.work.unit) == (4.0, "example")
    assert record.measurement.metric == "throughput"
    assert record.measurement.observed.traces == 0


def test_a_keras_file_runs_on_the_first_examples_of_an_npz(run_model: RunModel, nets: Path, tmp_path: Path) -> None:
    """Cut to the batch, though the file holds more; one example a call is a latency."""
    inputs = npz(tmp_path / "inputs.npz", ids=np.full((9, 5), 49, "int32"), features=np.ones((9, 12), "float32"))
    record = run_model(nets / "net.keras", inputs, batch=1)
    assert record.status == "ok", record.words
    assert record.measurement is not None
    assert record.measurement.check.reference == "an eager run of the model on the inputs of inputs.npz"
    assert record.measurement.metric == "latency"


def test_a_python_file_may_print_and_bring_its_own_inputs(run_model: RunModel, tmp_path: Path) -> None:
    record = run_model(written(tmp_path / "linear.py", LINEAR), batch=16)
    assert record.status == "ok", record.words
    assert record.measurement is not None
    assert record.measurement.work.amount == 16.0


def test_a_saved_model_that_is_damaged_fails_with_the_loader_s_words(
    run_model: RunModel, nets: Path, tmp_path: Path
) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net/saved_model.pb").write_bytes((nets / "net/saved_model.pb").read_bytes()[:1000])
    record = run_model(tmp_path / "net")
    assert record.status == "failed"
    assert "ModelError: loading the SavedModel: OSError: Cannot parse file" in record.words


def test_an_npz_of_the_wrong_shape_is_one_sentence_with_both_shapes(
    run_model: RunModel, nets: Path, tmp_path: Path
) -> None:
    inputs = npz(tmp_path / "inputs.npz", ids=np.ones((9, 5), "int32"), features=np.ones((9, 13), "float32"))
    record = run_model(nets / "net", inputs, batch=2)
    assert record.status == "failed"
    assert "the .npz's features is float32 (9, 13); the model wants float32 (2, 12)" in record.words.splitlines()[-1]


def test_a_function_that_hangs_is_ended_and_the_record_says_where(run_model: RunModel, tmp_path: Path) -> None:
    hangs = "import time\ndef build_model(batch):\n    time.sleep(600)\n"
    record = run_model(
        written(tmp_path / "hangs.py", hangs), timeout_s=25.0
    )  # long enough to get there beside other work
    assert record.status == "timeout"
    assert "calling build_model(1) of model.py" in record.words


@pytest.mark.parametrize(("code", "status"), [(7, "failed"), (0, "no_record")])
def test_a_function_that_ends_the_process_is_a_typed_failure(
    run_model: RunModel, tmp_path: Path, code: int, status: Status
) -> None:
    record = run_model(written(tmp_path / "exits.py", f"import os\ndef build_model(batch):\n    os._exit({code})\n"))
    assert record.status == status
    assert "calling build_model(1) of model.py" in record.words


# Each in a process of its own, forked once TensorFlow is imported, which takes longest.
SENTENCES = """
import os, pathlib
import numpy as np, tensorflow as tf
from workloads.models import user_model

folder = user_model.MOUNTED = pathlib.Path("/tmp/model")
(folder / "model").mkdir(parents=True)
(folder / user_model.COMPLETE).touch()
for text in {files!r}:
    (folder / "model/model.py").write_text(text)
    child = os.fork()
    if child == 0:
        try:
            subject = user_model.build(user_model.Params(), np.random.default_rng(1))
            check = subject.check_first(subject.call())
            print(check.passed, check.reference, flush=True)
        except BaseException as error:
            print(f"{{type(error).__name__}}: {{error}}".splitlines()[0], flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""

FILES = [
    ("def build_model(batch:\n", "importing model.py: SyntaxError: '(' was never closed (model.py, line 1)"),
    ("import torch\n", "importing model.py (line 1): ModuleNotFoundError: No module named 'torch'"),
    ("x = 1\n", "model.py has no function build_model(batch)"),
    ("def build_model(batch):\n    raise KeyError('weights')\n", "(line 2): KeyError: 'weights'"),
    ("def build_model(batch):\n    import sys\n    sys.exit(3)\n", "(line 3): it called sys.exit(3)"),
    ("def build_model(batch):\n    return 5\n", "returned int; it should return a callable"),
    ("def build_model(batch):\n    return lambda x: x\n", "does not say which inputs it takes"),
    ("def build_model(batch):\n    return (lambda x: x), 5\n", "are int, no tuple"),
    ("def build_model(batch):\n    return (lambda x: None), ([1.0],)\n", "the model gives no tensor"),
    # What an eager run cannot do is held against its own first output, and what is not finite fails in any case.
    (
        "import tensorflow as tf\ndef build_model(batch):\n    def f(x):\n        assert not tf.executing_eagerly()\n"
        "        return x\n    return f, ([1.0],)\n",
        "True its own first output (an eager run of the model raised AssertionError) on",
    ),
    ("def build_model(batch):\n    return (lambda x: x / 0.0), ([1.0],)\n", "False an eager run of the model"),
    (
        "import tensorflow as tf\ndef build_model(batch):\n    seen = tf.Variable(0.0)\n"
        "    return (lambda x: seen.assign_add(x)), (1.0,)\n",
        "False an eager run of the model",
    ),
    ("import tensorflow as tf\ndef build_model(batch):\n    return (lambda x: x), ([b'a'],)\n", "True an eager run"),
    (
        "import tensorflow as tf\ndef build_model(batch):\n"
        "    return tf.function(lambda x: x, input_signature=[tf.TensorSpec((5, 3), name='x')])\n",
        "no input holds 1 examples (x float32 (5, 3)); set params.batch to 5",
    ),
]


def test_what_is_wrong_with_a_python_file_is_said_in_one_sentence(in_image: InImage) -> None:
    lines = in_image(SENTENCES.format(files=[text for text, _ in FILES])).splitlines()
    assert len(lines) == len(FILES), lines
    for (_, says), line in zip(FILES, lines, strict=True):
        assert says in line
    assert all(line.startswith(("ModelError", "True", "False")) for line in lines), lines


def round_of(model: Path, folder: Path, cpu: Receipt, cpus: list[int]) -> tuple[Cell, subprocess.CompletedProcess[str]]:
    """A model's first round as Snakemake runs it, from the config on."""
    config = {
        "rounds": 1,
        "timing": {"warmup_s": 0.05, "slice_s": 0.05, "cycles": 3},
        "workloads": {"mine": {"model": str(model), "params": {"batch": 8}}},
        "sweeps": {
            "pools": {
                "question": "?",
                "workloads": ["mine"],
                "grid": {"intra_op": [1, 3]},
                "baseline": {"intra_op": 1},
            }
        },
    }
    host = Host(slug="test-0", cpus=cpus, physical_cores=1, gpu_reason="none")
    plan = make_plan(validate(config), host, {"cpu": cpu.context, "cuda": "0"})
    cell = plan.cells[0]
    documents.write(folder / "plan.json", plan)
    documents.write(folder / "images/cpu.json", cpu)
    words = ["--results", str(folder), "--cell", cell.directory.removeprefix("rounds/"), "--round", "1"]
    words += ["--log", str(folder / "log")]
    command = [sys.executable, "-m", "containers.rounds.round", *words]
    return cell, subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_model_that_does_not_run_ends_its_first_round_in_one_sentence(
    client: DockerClient, cpu: Receipt, cpus: list[int], tmp_path: Path
) -> None:
    broken = written(tmp_path / "broken.py", "def build_model(batch):\n    raise ValueError('no such layer')\n")
    cell, done = round_of(broken, tmp_path, cpu, cpus)
    assert cell.model is not None
    client.volumes.get(cell.model.volume).remove()
    assert done.returncode == 2
    assert "the model of workload mine does not run: calling build_model(8) of model.py (line 2)" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / cell.round_file(1)).exists()


def test_a_round_provides_the_model_and_its_records_carry_the_hash(
    client: DockerClient, cpu: Receipt, cpus: list[int], tmp_path: Path
) -> None:
    cell, done = round_of(written(tmp_path / "linear.py", LINEAR), tmp_path, cpu, cpus)
    assert cell.model is not None
    client.volumes.get(cell.model.volume).remove()
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / cell.directory / "1.jsonl").read_bytes().splitlines()
    records = [documents.parse(Record, line, "the round") for line in lines]
    assert [(record.status, record.model) for record in records] == [("ok", cell.model.content)] * 2
    assert {record.measurement and record.measurement.observed.intra_threads for record in records} == {1, 3}
