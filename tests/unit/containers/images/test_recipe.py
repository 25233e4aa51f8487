"""The identity of a recipe: what changes it, what does not, and what is refused before anything is fetched."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from containers.images import recipe
from workloads.vocabulary.errors import ConfigError

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
        "workloads/matmul.py",
        "workloads/vocabulary/record.py",
        "containers/images/cpu/Dockerfile",
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
    (root / "workloads" / "new.py").write_text("")
    assert context(root) != before


@pytest.mark.parametrize(
    "path",
    ["containers/images/build.py", "containers/images/cuda/Dockerfile", "containers/images/cuda/requirements.lock"],
)
def test_an_edit_of_anything_else_does_not(root: Path, path: str) -> None:
    before = context(root)
    append(path)(root)
    assert context(root) == before


def test_bytecode_and_times_do_not(root: Path) -> None:
    before = context(root)
    cache = root / "workloads" / "__pycache__"
    cache.mkdir()
    (cache / "matmul.cpython-311.pyc").write_bytes(b"bytecode")
    (root / "workloads" / "matmul.py").touch()
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
