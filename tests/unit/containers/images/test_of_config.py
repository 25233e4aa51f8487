"""Images that a config describes: a folder and a lock each, made once, and one sentence for what cannot be had."""

from __future__ import annotations

from pathlib import Path

import pytest

from containers.host.machine import Host
from containers.images import of_config
from containers.images.declaration import declarations
from containers.images.of_config import LOCK, OwnImageConfig, lock_again, provide_folders
from containers.images.recipe import ROOT, own_folder
from containers.images.wheels import read_lock
from containers.plan.config import Config, validate
from containers.plan.make import contexts_of, make_plan
from tests.unit.containers.images.test_wheels import make_wheel
from workloads.vocabulary.errors import ConfigError, ImageError

DIGEST = "sha256:" + "a" * 64
HOST = Host(slug="made-up-2c-000000", cpus=[0, 1], physical_cores=2, gpu_reason="none")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels in place of the package index."""
    folder = tmp_path / "index"
    for name, version in (("alpha", "1.0"), ("alpha", "2.0"), ("beta", "1.0")):
        make_wheel(folder, name, version)
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    return folder


def wanted(*requirements: str) -> dict[str, OwnImageConfig]:
    return {"mine": OwnImageConfig(requirements=list(requirements))}


def pins(folder: Path) -> list[tuple[str, str]]:
    return [(pin.name, pin.version) for pin in read_lock(folder / LOCK)]


@pytest.mark.usefixtures("index")
def test_requirements_are_locked_once_with_hashes_and_without_addresses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder,) = provide_folders(wanted("alpha==1.0", "beta"), tmp_path / "images")
    assert pins(folder) == [("alpha", "1.0"), ("beta", "1.0")]
    assert "/" not in (folder / LOCK).read_text()
    monkeypatch.setattr(of_config, "resolved", lambda *_: pytest.fail("it was locked already"))
    assert provide_folders(wanted("alpha==1.0", "beta"), tmp_path / "images") == [folder]


@pytest.mark.usefixtures("index")
def test_other_requirements_are_another_lock(tmp_path: Path) -> None:
    provide_folders(wanted("alpha==1.0"), tmp_path)
    (folder,) = provide_folders(wanted("alpha"), tmp_path)
    assert pins(folder) == [("alpha", "2.0")]


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize("requirement", ["alpha==3.0", "gamma", "alpha==", "alpha @ file:///etc"])
def test_what_cannot_be_had_is_one_sentence_and_leaves_no_lock(tmp_path: Path, requirement: str) -> None:
    with pytest.raises(ImageError, match="the packages of image mine cannot be locked: ") as caught:
        provide_folders(wanted(requirement), tmp_path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 350
    assert caught.value.remedy == "correct `images.mine.requirements`"
    assert not (tmp_path / "mine" / LOCK).exists()


def _config(tmp_path: Path, images: object, *values: str) -> Config:
    return validate(
        {
            "rounds": 2,
            "results": str(tmp_path),
            "images": images,
            "workloads": {"matmul": {}},
            "sweeps": {
                "versions": {
                    "question": "Which is faster?",
                    "workloads": ["matmul"],
                    "grid": {"image": list(values)},
                    "baseline": {"image": values[0]},
                }
            },
        }
    )


@pytest.mark.usefixtures("index")
def test_the_knob_image_takes_an_image_of_the_config_and_its_lock_is_part_of_what_is_measured(tmp_path: Path) -> None:
    config = _config(tmp_path, {"mine": {"requirements": ["alpha==1.0"]}}, "cpu", "mine")
    with pytest.raises(ConfigError, match=r"mine/image\.toml is missing"):
        contexts_of(config)
    provide_folders(config.own_images, tmp_path / "images")
    plan = make_plan(config, HOST, contexts_of(config))
    assert list(plan.images) == ["cpu", "mine"]
    newer = _config(tmp_path, {"mine": {"requirements": ["alpha"]}}, "cpu", "mine")
    provide_folders(newer.own_images, tmp_path / "images")
    again = make_plan(newer, HOST, contexts_of(newer))
    assert again.images["cpu"] == plan.images["cpu"]
    assert again.images["mine"] != plan.images["mine"]
    assert again.cells[0].definition != plan.cells[0].definition


def test_an_image_that_is_there_needs_no_lock(tmp_path: Path) -> None:
    config = _config(tmp_path, {"mine": {"image": DIGEST}}, "cpu", "mine")
    (folder,) = provide_folders(config.own_images, tmp_path / "images")
    assert {image.name: image.from_image for image in declarations(own=[folder])}["mine"] == DIGEST
    assert "mine" in make_plan(config, HOST, contexts_of(config)).images


def test_a_name_of_the_suite_s_is_taken(tmp_path: Path) -> None:
    config = _config(tmp_path, {"cpu": {"image": DIGEST}}, "cpu")
    provide_folders(config.own_images, tmp_path / "images")
    with pytest.raises(ConfigError, match="cpu is an image of the suite; give yours another name"):
        contexts_of(config)


def test_a_folder_of_the_config_is_for_what_the_suite_has_not(tmp_path: Path) -> None:
    assert own_folder("cpu", tmp_path, ROOT) is None
    assert own_folder("mine", tmp_path, ROOT) == tmp_path / "mine"


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({}, "has `requirements`, `image`, `dockerfile` or `lock`, one of them"),
        ({"requirements": ["a"], "image": DIGEST}, "has `requirements`, `image`, `dockerfile` or `lock`, one of them"),
        ({"image": "python:3.11"}, "'images.mine.image' is 'python:3.11'"),
        ({"requirements": []}, "'images.mine.requirements' is []"),
        ({"requirements": ["--index-url x"]}, "'images.mine.requirements.0'"),
        ({"requirement": ["a"]}, "unknown key 'images.mine.requirement'; did you mean 'requirements'"),
    ],
)
def test_a_mistake_in_an_entry_is_one_sentence(tmp_path: Path, entry: object, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _config(tmp_path, {"mine": entry}, "cpu", "mine")
    assert says in str(caught.value)


def test_a_dockerfile_s_folder_is_part_of_what_is_measured_as_far_as_the_build_is_given_it(tmp_path: Path) -> None:
    context = tmp_path / "context"
    context.mkdir()
    (context / "Dockerfile").write_text("FROM scratch\n")
    (context / "notes.txt").write_text("as it was")
    (context / "setup.sh").write_text("true\n")
    (context / ".dockerignore").write_text("# what no build needs\nnotes.txt\n")
    config = _config(tmp_path, {"mine": {"dockerfile": str(context)}}, "cpu", "mine")

    def identity() -> str:
        provide_folders(config.own_images, tmp_path / "images")
        return make_plan(config, HOST, contexts_of(config)).images["mine"]

    before = identity()
    (context / "notes.txt").write_text("changed")
    assert identity() == before
    (context / "setup.sh").write_text("false\n")
    assert identity() != before


def test_a_folder_without_a_dockerfile_is_said_to_have_none(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ImageError, match=r"empty holds no Dockerfile; correct `images.mine.dockerfile`"):
        provide_folders({"mine": OwnImageConfig(dockerfile=str(tmp_path / "empty"))}, tmp_path)


@pytest.mark.usefixtures("index")
def test_a_lock_is_renewed_on_request_and_of_no_other_image(tmp_path: Path) -> None:
    config = wanted("alpha")
    (folder,) = provide_folders(config, tmp_path)
    newest = (folder / LOCK).read_text()
    (folder / LOCK).write_text("alpha==1.0 --hash=sha256:" + "0" * 64 + "\n")
    assert lock_again(tmp_path, "mine", config) == folder / LOCK
    assert (folder / LOCK).read_text() == newest
    with pytest.raises(ConfigError, match=r"no image 'mien' with requirements to lock; did you mean 'mine'"):
        lock_again(tmp_path, "mien", config)


@pytest.mark.usefixtures("index")
def test_a_lock_from_elsewhere_gives_the_same_image_and_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    (folder,) = provide_folders(wanted("alpha"), tmp_path / "here")
    (tmp_path / "theirs.lock").write_text((folder / LOCK).read_text())
    (again,) = provide_folders({"mine": OwnImageConfig(lock=str(tmp_path / "theirs.lock"))}, tmp_path / "there")
    assert pins(again) == pins(folder)
    (tmp_path / "notes.lock").write_text("no lock\n")
    with pytest.raises(ImageError, match=r"notes.lock"):
        provide_folders({"mine": OwnImageConfig(lock=str(tmp_path / "notes.lock"))}, tmp_path)
