"""An image is a folder: what its image.toml says reaches plan, launches and check-up, and no other file names it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from containers.images.declaration import BuiltIf, declaration, declarations
from containers.images.recipe import ROOT, context_identity
from workloads.vocabulary.errors import ConfigError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of what images are made of."""
    for folder in ("containers/images", "workloads"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def edit(root: Path, image: str, right: str, wrong: str) -> None:
    path = root / f"containers/images/{image}/image.toml"
    text = path.read_text()
    assert right in text
    path.write_text(text.replace(right, wrong))


def test_the_default_image_comes_first_and_the_others_by_name(root: Path) -> None:
    shutil.copytree(root / "containers/images/cuda", root / "containers/images/abc")
    assert [image.name for image in declarations(root)] == ["cpu", "abc", "cuda", "openmp"]
    assert declaration("cuda", root).built_if is BuiltIf.GPU


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("gpu = false", "gpu = 0", r"cpu/image\.toml: 'gpu' is 0: "),
        ("gpu = false", "gqu = false", r"cpu/image\.toml: unknown key 'gqu'; did you mean 'gpu'"),
        ('"always"', '"sometimes"', r"cpu/image\.toml: 'built_if' is 'sometimes'; known are always, gpu, used"),
        ("gpu = false", "gpu = ", r"cpu/image\.toml cannot be read"),
        ("default = true", "", r"0 images are the default \(none\)"),
    ],
)
def test_a_mistake_in_an_image_toml_is_one_sentence(root: Path, right: str, wrong: str, says: str) -> None:
    edit(root, "cpu", right, wrong)
    with pytest.raises(ConfigError, match=says) as caught:
        declarations(root)
    assert "\n" not in str(caught.value)


def test_two_default_images_are_refused(root: Path) -> None:
    edit(root, "cuda", "gpu = true", "gpu = true\ndefault = true")
    with pytest.raises(ConfigError, match=r"2 images are the default \(cpu, cuda\)"):
        declarations(root)


def test_an_image_without_an_image_toml_is_named(root: Path) -> None:
    (root / "containers/images/cuda/image.toml").unlink()
    with pytest.raises(ConfigError, match=r"cuda/image\.toml is missing; write it as"):
        declarations(root)


def test_an_unknown_image_is_named_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="there is no image 'cuba'; did you mean 'cuda'"):
        declaration("cuba")


def test_room_and_choice_are_no_part_of_an_image_s_identity_and_its_devices_are(root: Path) -> None:
    before = context_identity(image="cpu", base="auto", base_image=None, root=root)
    edit(root, "cpu", "wheels_bytes = 400_000_000", "wheels_bytes = 500_000_000")
    assert context_identity(image="cpu", base="auto", base_image=None, root=root) == before
    edit(root, "cpu", "gpu = false", "gpu = true")
    assert context_identity(image="cpu", base="auto", base_image=None, root=root) != before


def test_no_code_asks_for_an_image_by_its_name() -> None:
    """What differs from image to image stands in its image.toml."""
    quoted = re.compile(rf"['\"]({'|'.join(image.name for image in declarations())})['\"]")
    files = [path for package in ("analysis", "containers", "workloads") for path in (ROOT / package).rglob("*.py")]
    results = {
        (str(path.relative_to(ROOT)), line.strip())
        for path in files
        for line in path.read_text().splitlines()
        if quoted.search(line)
    }
    assert {path for path, _ in results} == {
        "analysis/recommendations/usable.py",  # Kubernetes' word for a limit
        "containers/doctor/noise.py",  # a line of /proc/stat
        "containers/host/machine.py",  # a word in the names of processors
        "workloads/harness/probe.py",  # oneDNN's word for its engine
        "workloads/vocabulary/plan.py",  # of plans before images were data
    }
