"""The images as they are: what they hold, what they leave out, and that TensorFlow runs in them closed off."""

from __future__ import annotations

import json
import queue
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from docker import DockerClient
from filelock import FileLock

from containers import machine_lock as alone
from containers.engine.question import ask
from containers.images import build, recipe, sbom
from containers.images import store as images
from containers.images.recipe import Recipe
from workloads.vocabulary import documents
from workloads.vocabulary.inventory import Package, Receipt

CPU_LIMIT_BYTES = 1_350_000_000
CUDA_LIMIT_BYTES = 6_400_000_000

RUNS = """
import json, numpy as np, tensorflow as tf
a = tf.random.normal((64, 64), seed=1)
product = bool(np.allclose((a @ a).numpy(), a.numpy() @ a.numpy(), atol=1e-4))
conv = tf.nn.conv2d(tf.ones((1, 8, 8, 3)), tf.ones((3, 3, 3, 2)), 1, "VALID").numpy()
model = tf.keras.Sequential([tf.keras.layers.Dense(8, activation="relu"), tf.keras.layers.Dense(1)])
model.compile("adam", "mse")
x = np.random.default_rng(1).normal(size=(256, 4))
losses = model.fit(x, x.sum(axis=1), epochs=5, verbose=0).history["loss"]
compiled = tf.function(lambda v: tf.tanh(v) * 2, jit_compile=True)(a).shape.as_list()
mapped = list(tf.data.Dataset.range(4).map(lambda v: v * 2, num_parallel_calls=2).as_numpy_iterator())
learned = losses[-1] < losses[0]
print(json.dumps([product, bool(conv.min() == conv.max() == 27.0), learned, compiled, [int(m) for m in mapped]]))
"""

FILES = """
import json, pathlib
site = pathlib.Path("/opt/threadmark/site")
print(json.dumps([str(path.relative_to(site)) for path in sorted(site.rglob("*"))]))
"""

# What a run never reads: headers, static libraries, the installer, a C compiler's library, tests.
NEVER_RUN = re.compile(
    r"\.(h|hpp|cuh|a|pyi|pxd)$|^(pip|setuptools|clang|wheel|bin)/|^(pip|setuptools|libclang|wheel)-.*dist-info"
    r"|(^|/)tests?data/|(^|/)tests/|_test\.py$|^tensorflow/include(/|$)"
)


@pytest.fixture(scope="module")
def files(in_image: Callable[..., str]) -> list[str]:
    listed: list[str] = json.loads(in_image(FILES))
    assert len(listed) > 5_000
    return listed


def test_the_cpu_image_stays_below_its_limit(client: DockerClient, cpu: Receipt) -> None:
    assert cpu.size_bytes == images.attributes(client, cpu.image.id)["Size"]
    assert 1_000_000_000 < cpu.size_bytes <= CPU_LIMIT_BYTES


def test_nothing_that_a_run_never_reads_is_in_the_image(files: list[str]) -> None:
    assert [path for path in files if NEVER_RUN.search(path)] == []


def test_every_module_has_its_bytecode(files: list[str]) -> None:
    """The root is read-only: without it every launch would compile TensorFlow's Python again, for minutes."""
    there = set(files)
    sources = [Path(path) for path in files if path.endswith(".py")]
    missing = [
        path for path in sources if str(path.parent / "__pycache__" / f"{path.stem}.cpython-311.pyc") not in there
    ]
    assert missing == []


def test_the_measured_code_is_the_last_layer_with_its_bytecode(in_image: Callable[..., str]) -> None:
    code = "import json, workloads.vocabulary.record as r; print(json.dumps([r.__file__, r.__cached__, 0]))"
    file, cached, _ = json.loads(in_image(code))
    assert file == "/opt/threadmark/suite/workloads/vocabulary/record.py"
    read = f"import pathlib, hashlib; print(hashlib.sha256(pathlib.Path({file!r}).read_bytes()).hexdigest())"
    assert in_image(read).strip() == recipe.file_hash(recipe.ROOT / "workloads" / "vocabulary" / "record.py")
    assert in_image(f"import os; print(os.path.exists({cached!r}))").strip() == "True"


def test_of_the_suite_only_what_runs_in_an_image_is_in_it(in_image: Callable[..., str]) -> None:
    code = "import json, pathlib; print(json.dumps([str(path) for path in pathlib.Path().rglob('*.py')]))"
    assert sorted(json.loads(in_image(code))) == list(recipe.suite_files())


def test_tensorflow_runs_closed_off(in_image: Callable[..., str]) -> None:
    assert json.loads(in_image(RUNS)) == [True, True, True, [64, 64], [0, 2, 4, 6]]


def test_a_container_of_ours_can_change_nothing_and_reach_nobody(in_image: Callable[..., str]) -> None:
    code = """
import os, socket
seen = [os.getuid(), os.getgid()]
for path in ("/opt/threadmark/suite/x", "/x", "/var/tmp/x"):
    try:
        open(path, "w"); seen.append("written")
    except OSError:
        seen.append("refused")
open("/tmp/x", "w").close()
seen.append([name for _, name in socket.if_nameindex()])
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
seen += [status["CapEff"].strip(), status["NoNewPrivs"].strip(), os.path.expanduser("~")]
print(seen)
"""
    assert in_image(code).strip() == str([65534, 65534, "refused", "refused", "refused", ["lo"], "0" * 16, "1", "/tmp"])


def test_the_receipt_lists_every_package_with_its_version(cpu: Receipt, in_image: Callable[..., str]) -> None:
    """Asked of the image's own tools, which the receipt does not use."""
    python = """
import importlib.metadata, json
print(json.dumps(sorted([d.name, d.version] for d in importlib.metadata.distributions())))
"""
    debian = """
import subprocess
print(subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\\n"], capture_output=True, text=True).stdout)
"""
    listed = [line.split() for line in in_image(debian).strip().splitlines()]
    expected = [Package(name, version, "debian") for name, version in listed]
    expected += [Package(name, version, "python") for name, version in json.loads(in_image(python))]
    assert sorted(cpu.packages, key=str) == sorted(expected, key=str)
    assert Package("tensorflow_cpu", "2.21.0", "python") in cpu.packages
    assert len([package for package in cpu.packages if package.kind == "debian"]) > 50


def test_the_bill_of_materials_holds_the_receipts_packages_and_hashes_of_all_that_is_locked(
    cpu: Receipt, tmp_path: Path
) -> None:
    documents.write(tmp_path / "cpu.json", cpu)
    assert sbom.main(["--receipt", str(tmp_path / "cpu.json"), "--out", str(tmp_path / "cpu.cdx.json")]) == 0
    text = (tmp_path / "cpu.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    results = {(part["name"], part["version"], "hashes" in part) for part in json.loads(text)["components"]}
    assert results == {(package.name, package.version, package.kind == "python") for package in cpu.packages}


def test_the_receipt_says_what_tensorflow_and_which_base_it_is(cpu: Receipt) -> None:
    assert cpu.tensorflow["version"] == "2.21.0"
    assert cpu.tensorflow["git_version"].startswith("v2.21.0")
    assert cpu.tensorflow["compiler"]
    assert cpu.tensorflow["build_info"]["is_cuda_build"] is False
    assert re.fullmatch(r"bootstrap: Debian bookworm, rootfs sha256:[0-9a-f]{64}", cpu.base)
    assert re.fullmatch(r"[0-9a-f]{64}", cpu.base_content)
    assert re.fullmatch(r"[0-9a-f]{64}", cpu.image.content)
    assert cpu.context == recipe.context_identity(image="cpu", base="auto", base_image=None)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", cpu.built_at)


def test_a_standing_image_gives_the_same_receipt_again_without_network_or_build(
    client: DockerClient, cpu: Receipt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read anew, because the folder of kept receipts is empty here."""
    monkeypatch.setenv("PATH", str(tmp_path))  # no mmdebstrap
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    before = {image.id for image in client.images.list(all=True)}
    again = build.provide(client, Recipe("cpu", cache=tmp_path))
    assert again == cpu
    assert {image.id for image in client.images.list(all=True)} == before
    assert build.provide(client, Recipe("cpu", cache=tmp_path)) == cpu  # now from what was kept
    assert not list(tmp_path.glob("wheels"))


def test_nothing_is_left_of_a_build_but_the_images(client: DockerClient, cpu: Receipt) -> None:
    labelled = client.images.list(filters={"label": "threadmark", "dangling": True})
    assert [image.labels for image in labelled] == []
    assert client.containers.list(all=True, filters={"label": "threadmark=probe"}) == []


def test_a_second_build_waits_for_the_first_and_says_so(
    client: DockerClient, cpu: Receipt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone, "LOCK", tmp_path / "lock")
    said: queue.Queue[str] = queue.Queue()
    monkeypatch.setattr(build, "say", said.put)
    with ThreadPoolExecutor(1) as second:
        with FileLock(tmp_path / "lock"):
            waiting = second.submit(build.provide, client, Recipe("cpu"))
            assert "another run builds or measures" in said.get(timeout=10)
            assert not waiting.done()
        assert waiting.result(timeout=60) == cpu


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--image", "cpv"], "no image 'cpv'; did you mean 'cpu'?"),
        (["--image", "cpu", "--base-image", "python:3.11"], "only a digest is accepted"),
        (["--image", "cpu", "--base", "registry"], "needs base_image"),
    ],
)
def test_a_wrong_option_ends_the_command_with_one_sentence(
    arguments: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build.main([*arguments, "--out", str(tmp_path / "receipt.json")]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1
    assert sentence in said[0]
    assert not (tmp_path / "receipt.json").exists()


@pytest.mark.long
def test_the_cuda_image_stays_below_its_limit_and_runs_without_a_gpu(client: DockerClient, tmp_path: Path) -> None:
    """From nothing: 3.4 GB of wheels, and minutes."""
    out = tmp_path / "cuda.json"
    assert build.main(["--image", "cuda", "--base", "bootstrap", "--out", str(out)]) == 0
    receipt = documents.read(Receipt, out)
    assert 4_000_000_000 < receipt.size_bytes <= CUDA_LIMIT_BYTES
    assert receipt.tensorflow["build_info"]["is_cuda_build"] is True
    listed = json.loads(ask(client, image=receipt.image.id, command=["python3", "-c", FILES]))
    assert [path for path in listed if NEVER_RUN.search(path)] == []
    libraries = {path.split("/")[1] for path in listed if path.startswith("nvidia/")}
    assert {"cublas", "cudnn", "cuda_runtime", "cuda_nvcc"} <= libraries
    answer = ask(client, image=receipt.image.id, command=["python3", "-c", RUNS])
    assert json.loads(answer.splitlines()[-1]) == [True, True, True, [64, 64], [0, 2, 4, 6]]
