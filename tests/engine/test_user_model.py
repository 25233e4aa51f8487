"""Users' own models on the real engine: each form runs, and what is wrong with one is a typed record with its words."""

from __future__ import annotations

import base64
import io
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from docker import DockerClient

from containers import documents, engine
from containers.config import validate
from containers.errors import EngineError, RunError
from containers.launch import Launch, launch, prepare
from containers.machine import Host
from containers.outcome import judge
from containers.plan import make_plan
from containers.user_model import describe
from containers.volumes import COMPLETE, MODEL, provide, volume_name
from workloads.inventory import CanaryReference, Receipt
from workloads.plan import Cell, UserModel
from workloads.record import Canary, Failure, Limits, Measurement, Record, Setting, Status, Timing
from workloads.user_model import MOUNTED

ROOT = Path(__file__).parents[2]
InImage = Callable[..., str]

# One model with two inputs, in both of TensorFlow's forms; everything else is made from these.
MAKE = """
import base64, io, os, tarfile
out = os.fdopen(os.dup(1), "wb"); os.dup2(2, 1)
import tensorflow as tf
from tensorflow import keras
features, ids = keras.Input((12,), name="features"), keras.Input((None,), name="ids", dtype="int32")
mean = keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(50, 8)(ids))
model = keras.Model([features, ids], keras.layers.Dense(3)(keras.layers.Concatenate()([features, mean])))
model.save("/tmp/net.keras")
model.export("/tmp/net")
buffer = io.BytesIO()
with tarfile.open(fileobj=buffer, mode="w") as archive:
    for name in ("net.keras", "net"):
        archive.add(f"/tmp/{name}", name)
out.write(base64.encodebytes(buffer.getvalue()))
out.close()
"""

LINEAR = """
import ctypes
import tensorflow as tf

def build_model(batch):
    print("printed by Python")
    ctypes.CDLL(None).puts(b"printed by C")
    weights = tf.random.normal((6, 4))
    return lambda x: {"y": x @ weights, "best": tf.argmax(x @ weights, axis=1)}, (tf.ones((batch, 6)),)
"""


@dataclass
class Outcome:
    """How a launch ended."""

    status: Status
    measurement: Measurement | None
    failure: Failure | None

    @property
    def words(self) -> str:
        """The failure's message and the last lines of standard error."""
        assert self.failure is not None
        return "\n".join([self.failure.message, *self.failure.stderr])


Run = Callable[..., Outcome]
Ready = Callable[..., tuple[Cell, Launch]]


@pytest.fixture(scope="module")
def nets(in_image: InImage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with net.keras and net/, a SavedModel."""
    folder = tmp_path_factory.mktemp("nets")
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(in_image(MAKE)))) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture
def ready(client: DockerClient, cpu: Receipt, cpus: list[int]) -> Iterator[Ready]:
    """A cell and a launch of a model, its volume filled; the volumes are removed in the end."""
    made = set()

    def prepared(path: Path, inputs: Path | None = None, timeout_s: float = 60.0, **params: Any) -> tuple[Cell, Launch]:
        model = describe("mine", path, inputs)
        made.add(volume_name(model))
        provide(client, model, cpu.image.id)
        limits = Limits(memory_bytes=2 * 2**30, pids=256, timeout_s=timeout_s)
        timing, setting = Timing(0.05, 0.1, 3, 0.001), Setting("0", {}, {})
        cell = Cell("test", "?", "mine", "user_model", params, [setting], "0", 1, "0", timing, limits, 1, model=model)
        return cell, prepare(cell, setting, cpus, {"cpu": cpu.image})

    yield prepared
    for name in made:
        client.volumes.get(name).remove()


@pytest.fixture
def run(client: DockerClient, ready: Ready) -> Run:
    def launched(path: Path, inputs: Path | None = None, timeout_s: float = 60.0, **params: Any) -> Outcome:
        cell, prepared = ready(path, inputs, timeout_s, **params)
        return Outcome(*judge(launch(client, cell, prepared)[0], timeout_s))

    return launched


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def npz(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


def test_a_saved_model_runs_on_inputs_made_up_from_its_signature(run: Run, nets: Path) -> None:
    found = run(nets / "net", batch=4, length=7)
    assert found.status == "ok", found.words
    assert found.measurement is not None
    assert found.measurement.check.reference == "the loaded function by itself"
    assert (found.measurement.work.amount, found.measurement.work.unit) == (4.0, "example")
    assert found.measurement.metric == "throughput"
    assert found.measurement.observed.traces == 0


def test_a_keras_file_runs_on_the_first_examples_of_an_npz(run: Run, nets: Path, tmp_path: Path) -> None:
    """Cut to the batch, though the file holds more; one example a call is a latency."""
    inputs = npz(tmp_path / "inputs.npz", ids=np.full((9, 5), 49, "int32"), features=np.ones((9, 12), "float32"))
    found = run(nets / "net.keras", inputs, batch=1)
    assert found.status == "ok", found.words
    assert found.measurement is not None
    assert found.measurement.check.reference == "an eager run of the model"
    assert found.measurement.metric == "latency"


def test_a_python_file_may_print_and_bring_its_own_inputs(run: Run, tmp_path: Path) -> None:
    found = run(written(tmp_path / "linear.py", LINEAR), batch=16)
    assert found.status == "ok", found.words
    assert found.measurement is not None
    assert found.measurement.work.amount == 16.0


def test_a_keras_file_that_is_cut_short_fails_with_the_loader_s_words(run: Run, nets: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.keras"
    cut.write_bytes((nets / "net.keras").read_bytes()[:3000])
    found = run(cut)
    assert found.status == "failed"
    assert "ModelError: loading model.keras: ValueError: File not found" in found.words


def test_a_saved_model_that_is_damaged_fails_with_the_loader_s_words(run: Run, nets: Path, tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net/saved_model.pb").write_bytes((nets / "net/saved_model.pb").read_bytes()[:1000])
    found = run(tmp_path / "net")
    assert found.status == "failed"
    assert "ModelError: loading the SavedModel: OSError: Cannot parse file" in found.words


def test_an_npz_of_the_wrong_shape_is_one_sentence_with_both_shapes(run: Run, nets: Path, tmp_path: Path) -> None:
    inputs = npz(tmp_path / "inputs.npz", ids=np.ones((9, 5), "int32"), features=np.ones((9, 13), "float32"))
    found = run(nets / "net", inputs, batch=2)
    assert found.status == "failed"
    assert "the .npz's features is float32 (9, 13); the model wants float32 (2, 12)" in found.words.splitlines()[-1]


def test_a_function_that_hangs_is_ended_and_the_record_says_where(run: Run, tmp_path: Path) -> None:
    hangs = "import time\ndef build_model(batch):\n    time.sleep(600)\n"
    found = run(written(tmp_path / "hangs.py", hangs), timeout_s=25.0)  # long enough to get there beside other work
    assert found.status == "timeout"
    assert "calling build_model(1) of model.py" in found.words


@pytest.mark.parametrize(("code", "status"), [(7, "failed"), (0, "no_record")])
def test_a_function_that_ends_the_process_is_a_typed_failure(
    run: Run, tmp_path: Path, code: int, status: Status
) -> None:
    found = run(written(tmp_path / "exits.py", f"import os\ndef build_model(batch):\n    os._exit({code})\n"))
    assert found.status == status
    assert "calling build_model(1) of model.py" in found.words


# Each in a process of its own, forked once TensorFlow is imported, which takes longest.
SENTENCES = """
import os, pathlib
import numpy as np, tensorflow as tf
from workloads import user_model

folder = user_model.MOUNTED = pathlib.Path("/tmp/model")
folder.mkdir()
(folder / user_model.COMPLETE).touch()
for text in {files!r}:
    (folder / "model.py").write_text(text)
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
        "True its own first output (an eager run of the model raised AssertionError)",
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


def shell(client: DockerClient, ready: tuple[Cell, Launch], script: str) -> tuple[int | None, str, str]:
    cell, prepared = ready
    ending = launch(client, cell, replace(prepared, command=["/bin/sh", "-c", script]))[0]
    return ending.exit_code, ending.stdout.decode(), ending.stderr.decode()


def test_a_launch_can_read_the_model_and_change_nothing_of_it(client: DockerClient, ready: Ready, nets: Path) -> None:
    net = ready(nets / "net")
    code, out, err = shell(client, net, f"cd {MOUNTED} && find . -type f | sort && cat $(find . -type f) > /tmp/all")
    assert (code, err) == (0, "")
    inside = sorted(f"./model/{path.relative_to(nets / 'net')}" for path in (nets / "net").rglob("*") if path.is_file())
    assert out.splitlines() == [f"./{COMPLETE}", *inside]
    code, _, err = shell(client, net, f"touch {MOUNTED}/new")
    assert code != 0
    # Its owner, root, could not either: the mount itself is read-only.
    assert "Read-only file system" in err, err


def test_a_volume_is_used_again_and_one_that_a_killed_run_left_half_filled_is_filled(
    client: DockerClient, ready: Ready, cpu: Receipt, tmp_path: Path
) -> None:
    path = written(tmp_path / "linear.py", LINEAR)
    model = describe("mine", path, None)
    half = client.volumes.create(volume_name(model), labels=MODEL)
    script = f"echo half > {MOUNTED}/model.py"
    client.containers.run(
        cpu.image.id,
        ["sh", "-c", script],
        entrypoint=[],
        remove=True,
        user="0",
        network_mode="none",
        labels=engine.PROBE,
        volumes={half.name: {"bind": str(MOUNTED), "mode": "rw"}},
    )
    linear = ready(path)
    assert shell(client, linear, f"cat {MOUNTED}/model.py")[1] == LINEAR
    path.unlink()
    provide(client, model, cpu.image.id)  # needs no file of the host any more


def test_a_model_that_changed_since_the_plan_stops_the_round(
    client: DockerClient, cpu: Receipt, tmp_path: Path
) -> None:
    path = written(tmp_path / "linear.py", LINEAR)
    model = describe("mine", path, None)
    written(path, LINEAR + "# edited\n")
    try:
        with pytest.raises(RunError, match="has changed since the plan was made"):
            provide(client, model, cpu.image.id)
    finally:
        client.volumes.get(volume_name(model)).remove()


def test_a_volume_of_somebody_else_is_left_alone(client: DockerClient, cpu: Receipt) -> None:
    model = UserModel("x.py", None, "feed" * 16)
    foreign = client.volumes.create(volume_name(model))
    try:
        with pytest.raises(EngineError, match="is not this suite's"):
            provide(client, model, cpu.image.id)
    finally:
        foreign.remove()


def test_a_round_provides_the_model_and_its_records_carry_the_hash(
    client: DockerClient, cpu: Receipt, cpus: list[int], tmp_path: Path
) -> None:
    """As Snakemake runs it, from the config on."""
    config = {
        "rounds": 1,
        "timing": {"warmup_s": 0.05, "measure_s": 0.1, "min_samples": 3},
        "workloads": {"mine": {"model": str(written(tmp_path / "linear.py", LINEAR)), "params": {"batch": 8}}},
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
    assert cell.model is not None
    documents.write(tmp_path / "plan.json", plan)
    documents.write(tmp_path / "images/cpu.json", cpu)
    # A reference that no machine falls short of: this test measures nothing.
    documents.write(tmp_path / "canary.json", CanaryReference("test-0", [Canary(1e3, 1e3, 10**6)] * 2, "now"))
    words = ["--results", str(tmp_path), "--cell", cell.directory.removeprefix("rounds/"), "--round", "1"]
    words += ["--log", str(tmp_path / "log")]
    try:
        subprocess.run([sys.executable, "-m", "containers.run", *words], cwd=ROOT, check=True)
    finally:
        client.volumes.get(volume_name(cell.model)).remove()
    lines = (tmp_path / cell.directory / "1.jsonl").read_bytes().splitlines()
    records = [documents.parse(Record, line, "the round") for line in lines]
    assert [(record.status, record.model) for record in records] == [("ok", cell.model.content)] * 2
    assert {record.measurement and record.measurement.observed.intra_threads for record in records} == {1, 3}
