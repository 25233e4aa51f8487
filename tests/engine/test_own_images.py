"""Images beside the suite's, on the real engine: packages of a config, and an image that is there already."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import yaml
from docker import DockerClient

from analysis.records.folder import read_plan, read_receipts, read_records
from containers.engine.labels import LABEL
from containers.engine.question import ask
from containers.images import recipe
from containers.images.bases import NAME, RECIPE
from containers.images.of_config import OwnImageConfig, provide_folders
from containers.images.own import provide_from_folder, provide_own
from containers.images.recipe import Recipe
from workloads.vocabulary.errors import ImageError
from workloads.vocabulary.inventory import Receipt

ROOT = Path(__file__).parents[2]


def _built(client: DockerClient, *lines: str) -> str:
    """The id of an image built from these lines of a Dockerfile."""
    text = "\n".join(lines).encode()
    # It is none of the suite's, though it is built on one of them.
    labels = {LABEL: "", NAME: "", RECIPE: ""}
    # With a name, or the engine removes it along with the image that is built on it.
    tag = f"test-own-image:{uuid4().hex[:8]}"
    image, _ = client.images.build(fileobj=io.BytesIO(text), tag=tag, labels=labels, rm=True, network_mode="none")
    return str(image.id)


@pytest.fixture(scope="module")
def environment(client: DockerClient, cpu: Receipt) -> str:
    """The packages of the suite's own image, without the suite."""
    wanted = recipe.environment_identity(image="cpu", base="bootstrap", base_image=None)
    return str(client.images.get(f"threadmark/cpu-environment:{wanted}").id)


@pytest.fixture
def own(client: DockerClient, environment: str) -> Iterator[str]:
    """An image as a user may have it: TensorFlow on Python's path, and files of their own."""
    image = _built(
        client, f"FROM {environment}", "ENV PYTHONPATH=/opt/threadmark/site", "RUN echo mine > /mine", "USER 1000"
    )
    yield image
    client.images.remove(image, force=True)


def _run(folder: Path, images: dict[str, object], *values: str) -> subprocess.CompletedProcess[str]:
    content = {
        "rounds": 1,
        "results": str(folder / "results"),
        "timing": {"warmup_s": 0.05, "slice_s": 0.05, "cycles": 3},
        "audit": "config",
        "peaks": False,
        "images": images,
        "workloads": {"matmul": {"params": {"n": 256}}},
        "sweeps": {
            "images": {
                "question": "Which is faster?",
                "workloads": ["matmul"],
                "grid": {"image": list(values)},
                "baseline": {"image": values[0]},
            }
        },
    }
    (folder / "own.yaml").write_text(yaml.safe_dump(content))
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--configfile", str(folder / "own.yaml")]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


@pytest.mark.long
def test_an_image_that_is_there_and_another_version_take_turns_with_the_suite_s(
    client: DockerClient, own: str, tmp_path: Path
) -> None:
    """The version is the oldest that workloads run on; it is locked, built and measured."""
    images = {"mine": {"image": own}, "older": {"requirements": ["tensorflow-cpu==2.13.1"]}}
    done = _run(tmp_path, images, "cpu", "mine", "older")
    assert done.returncode == 0, done.stderr
    (machine,) = (path.parent for path in (tmp_path / "results").glob("*/report.html"))
    plan = read_plan(machine)
    records = [line.record for line in read_records(machine, plan)]
    assert {(record.image.name, record.status) for record in records} == {
        ("cpu", "ok"),
        ("mine", "ok"),
        ("older", "ok"),
    }
    assert read_receipts(machine)["mine"].base == f"image: {own}"
    versions = {
        record.image.name: record.measurement.versions["tensorflow"]
        for record in records
        if record.measurement is not None
    }
    assert versions["older"] == "2.13.1"
    lock = (tmp_path / "results/images/older/requirements.lock").read_text()
    assert (machine / "images/older.lock").read_text() == lock
    assert "tensorflow-cpu==2.13.1" in lock
    for name in ("mine", "older"):
        client.images.remove(f"threadmark/{name}:{plan.images[name]}", force=True)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["ENV PYTHONPATH="], "has no tensorflow that its python3 can import"),
        (["ENV PATH=/nowhere"], "has no Python as python3 on the PATH"),
    ],
)
def test_what_an_image_lacks_is_said_in_one_sentence(
    client: DockerClient, environment: str, lines: list[str], says: str
) -> None:
    image = _built(client, f"FROM {environment}", *lines)
    try:
        with pytest.raises(ImageError, match=f"the image {image} {says}; install it there, or name another image"):
            provide_own(client, image)
    finally:
        client.images.remove(image, force=True)


def test_an_image_that_is_not_there_is_one_sentence(client: DockerClient) -> None:
    absent = f"localhost:1/mine@sha256:{'0' * 64}"
    with pytest.raises(ImageError, match=r"cannot be had from its registry .*; check name, digest and connection"):
        provide_own(client, absent)


def _from_dockerfile(client: DockerClient, folder: Path, *lines: str) -> tuple[str, str]:
    """What `provide_from_folder` gives for a folder with these lines as its Dockerfile."""
    context = folder / "context"
    context.mkdir()
    (context / "Dockerfile").write_text("\n".join(lines) + "\n")
    (context / "hello.sh").write_text("#!/bin/sh\necho hello\n")
    (context / "hello.sh").chmod(0o755)
    (own,) = provide_folders({"mine": OwnImageConfig(dockerfile=str(context))}, folder / "images")
    what = Recipe("mine", folder=own, cache=folder)
    return provide_from_folder(client, what, context, log=None)


def test_a_dockerfile_of_the_user_s_is_built_once(client: DockerClient, environment: str, tmp_path: Path) -> None:
    lines = [f"FROM {environment}", "ENV PYTHONPATH=/opt/threadmark/site", "COPY hello.sh /hello", "RUN /hello > /said"]
    image, origin = _from_dockerfile(client, tmp_path, *lines)
    try:
        assert ask(client, image=image, command=["cat", "/said"]) == "hello\n"
        assert origin.startswith("dockerfile: context, ")
        built = client.images.get(image).attrs["Created"]
        (tmp_path / "again").mkdir()
        assert _from_dockerfile(client, tmp_path / "again", *lines) == (image, origin)
        assert client.images.get(image).attrs["Created"] == built
    finally:
        client.images.remove(image, force=True)


def test_a_dockerfile_that_fails_is_one_sentence_and_leaves_nothing(
    client: DockerClient, environment: str, tmp_path: Path
) -> None:
    before = {image.id for image in client.images.list(all=True)}
    with pytest.raises(ImageError, match=r"the build of threadmark/mine-environment:\w+ failed: .*exit 3") as caught:
        _from_dockerfile(client, tmp_path, f"FROM {environment}", "RUN echo no; exit 3")
    assert "\n" not in str(caught.value)
    assert {image.id for image in client.images.list(all=True)} == before
