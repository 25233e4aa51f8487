"""The identity of a recipe: what changes it, what does not, and what is refused before anything is fetched."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from containers.images import recipe
from workloads.harness.contract import find, known
from workloads.vocabulary.errors import ConfigError, ImageError

DIGEST = "example/python@sha256:" + "a" * 64


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the files that images are made of."""
    for folder in ("containers", "workloads"):
        shutil.copytree(recipe.ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def context(root: Path, image: str = "cpu", base: str = "auto", base_image: str | None = None) -> str:
    return recipe.context_identity(image=image, base=base, base_image=base_image, root=root)


def append(path: str) -> Callable[[Path], object]:
    return lambda root: (root / path).write_text((root / path).read_text() + "\n# edited\n")


def test_the_same_files_give_the_same_identity_wherever_they_lie(root: Path) -> None:
    assert context(root) == context(recipe.ROOT)
    assert len(context(root)) == 8


@pytest.mark.parametrize(
    "path",
    [
        "workloads/kernels/matmul.py",
        "workloads/parts/keras_models.py",
        "workloads/harness/worker.py",
        "workloads/harness/timing.py",
        "workloads/vocabulary/record.py",
        "workloads/parts/example_model.py",
        "containers/images/base/Dockerfile",
        "containers/images/cpu/requirements.lock",
        "containers/images/base/builder.lock",
        "containers/images/base/debian.toml",
        "containers/images/base/clean.sh",
        "containers/images/base/install.sh",
        "containers/images/base/suite.Dockerfile",
    ],
)
def test_an_edit_of_what_goes_into_an_image_changes_its_identity(root: Path, path: str) -> None:
    before = context(root)
    append(path)(root)
    assert context(root) != before


def test_a_new_workload_changes_the_identity(root: Path) -> None:
    before = context(root)
    (root / "workloads" / "kernels" / "new.py").write_text("")
    assert context(root) != before


def test_what_a_new_workload_imports_goes_with_it(root: Path) -> None:
    (root / "workloads" / "parts" / "own.py").write_text("")
    (root / "workloads" / "parts" / "further.py").write_text("")
    (root / "workloads" / "kernels" / "new.py").write_text(
        "from ..parts import own\n\n\ndef build():\n    from ..parts.further import x\n"
    )
    assert {"workloads/kernels/new.py", "workloads/parts/own.py", "workloads/parts/further.py"} <= recipe.suite_files(
        root
    ).keys()


def test_every_module_that_a_container_is_started_with_is_an_entry_point() -> None:
    files = [
        path for package in ("analysis", "containers", "workloads") for path in (recipe.ROOT / package).rglob("*.py")
    ]
    started = {name for path in files for name in re.findall(r"-m\"?,? \"?(workloads\.[\w.]+)", path.read_text())}
    assert started == set(recipe.ENTRY_POINTS)


def test_the_suite_s_files_run_by_themselves(tmp_path: Path) -> None:
    """Each workload and each entry point is imported from a folder that holds nothing else of the suite."""
    for name, path in recipe.suite_files().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, tmp_path / name)
    names = [*recipe.ENTRY_POINTS, *(find(name).__name__ for name in known())]
    code = f"import importlib\nfor name in {names}: importlib.import_module(name)"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)


@pytest.mark.parametrize("fault", ["no entry point", "no Python"])
def test_measured_code_that_cannot_be_read_is_said_in_one_sentence(root: Path, fault: str) -> None:
    worker = root / "workloads" / "harness" / "worker.py"
    if fault == "no entry point":
        worker.unlink()
    else:
        worker.write_text("def (")
    with pytest.raises(ImageError, match=r"^[^\n]*worker\.py[^\n]*; [^\n]*$"):
        context(root)


@pytest.mark.parametrize(
    "path",
    [
        "containers/images/build.py",
        "containers/images/cuda/Dockerfile",
        "containers/images/cuda/requirements.lock",
        "workloads/vocabulary/plan.py",
        "workloads/vocabulary/inventory.py",
        "workloads/vocabulary/knobs.py",
    ],
)
def test_an_edit_of_anything_else_does_not(root: Path, path: str) -> None:
    before = context(root)
    append(path)(root)
    assert context(root) == before


def test_bytecode_and_times_do_not(root: Path) -> None:
    before = context(root)
    cache = root / "workloads" / "kernels" / "__pycache__"
    cache.mkdir()
    (cache / "matmul.cpython-311.pyc").write_bytes(b"bytecode")
    (root / "workloads" / "kernels" / "matmul.py").touch()
    assert context(root) == before


def test_images_and_ways_to_a_base_have_identities_of_their_own(root: Path) -> None:
    ways = [
        context(root),
        context(root, image="cuda"),
        context(root, base_image=DIGEST),
        context(root, base="registry", base_image=DIGEST),
        context(root, base="registry", base_image=DIGEST.replace("aa", "ab")),
    ]
    assert len(set(ways)) == len(ways)


def test_auto_without_a_registry_is_the_bootstrap(root: Path) -> None:
    assert context(root, base="auto") == context(root, base="bootstrap")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"image": "cpv"}, "no image 'cpv'; did you mean 'cpu'?"),
        ({"base": "registri"}, "base 'registri' is unknown; did you mean 'registry'?"),
        ({"base": "registry"}, "needs base_image"),
        ({"base_image": "python:3.11"}, "only a digest is accepted"),
        ({"base_image": "python:3.11@sha256:abc"}, "only a digest is accepted"),
        ({"base_image": "@sha256:" + "a" * 64}, "only a digest is accepted"),
        ({"base_image": "python@sha256:" + "A" * 64}, "only a digest is accepted"),
    ],
)
def test_what_cannot_be_built_is_refused_in_one_sentence(options: dict[str, str], sentence: str) -> None:
    complete = {"image": "cpu", "base": "auto", "base_image": None, **options}
    with pytest.raises(ConfigError) as caught:
        recipe.check_options(**complete)  # type: ignore[arg-type]
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["python", "127.0.0.1:5000/threadmark/base", "host.example/a/b"])
def test_a_digest_is_accepted_from_any_registry(name: str) -> None:
    recipe.check_options(image="cpu", base="registry", base_image=f"{name}@sha256:{'0' * 64}")


def test_the_recipe_is_read_without_the_engine() -> None:
    """The plan imports it, and a dry run on a machine without an engine must work."""
    code = "import sys, containers.images.recipe; assert not {'docker', 'tensorflow'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=recipe.ROOT, check=True)
