"""What counts as ours, at which level it goes, and that nothing goes without a yes. No engine is needed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from containers import machine_lock as alone
from containers.clean import __main__ as command
from containers.clean import removal as clean
from containers.clean import things as ours
from containers.clean.things import Level
from containers.images import recipe
from containers.images.declaration import declarations
from containers.images.recipe_identities import current_recipes
from workloads.vocabulary.amounts import size
from workloads.vocabulary.errors import RunError

NOW = {"0123abcd"}


def container(**labels: str) -> dict[str, Any]:
    return {"Id": "1" * 64, "Labels": labels}


def image(*names: str, **labels: str) -> dict[str, Any]:
    dotted = {name.replace("_", "."): value for name, value in labels.items()}
    return {"Id": "sha256:" + "1" * 64, "RepoTags": list(names), "Labels": dotted}


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"threadmark": "launch"}, True),
        ({"threadmark": "probe"}, True),
        ({"threadmark": "builder"}, True),
        # Started by somebody from an image of ours, whose label it has.
        ({"threadmark": "image"}, False),
        ({"threadmark": "environment"}, False),
        ({"threadmark": "base"}, False),
        ({"threadmark": "somebody's"}, False),
        ({"other": "launch"}, False),
        ({}, False),
    ],
)
def test_a_container_is_ours_by_a_label_that_no_image_keeps(labels: dict[str, str], expected: bool) -> None:
    assert ours.container_is_ours(container(**labels)) is expected


def test_an_engine_that_says_null_for_no_labels_is_understood() -> None:
    assert not ours.container_is_ours({"Id": "1", "Labels": None})
    assert ours.image_level({"Id": "1", "Labels": None, "RepoTags": None}, NOW) is None


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (image("threadmark/cpu:0123abcd", threadmark="image", threadmark_recipe="0123abcd"), "all"),
        (image("localhost/threadmark/cpu:0123abcd", threadmark="image", threadmark_recipe="0123abcd"), "all"),
        (image("threadmark/base:0123abcd", threadmark="base", threadmark_recipe="0123abcd"), "all"),
        (image("threadmark/cpu:eeee", threadmark="image", threadmark_recipe="eeee"), "old"),
        (image("threadmark/cpu-environment:eeee", threadmark="environment", threadmark_recipe="eeee"), "old"),
        (image("<none>:<none>", threadmark="builder"), "leftovers"),
        (image(threadmark="probe"), "leftovers"),
        # Built by somebody on an image of ours, whose labels it has.
        (image("somebody/model:1", threadmark="image", threadmark_recipe="0123abcd"), None),
        (image(threadmark="image", threadmark_recipe="0123abcd"), None),
        (image("mythreadmark/cpu:1", threadmark="image"), None),
        (image("kept:1", threadmark="builder"), None),
        (image("threadmark/cpu:1"), None),
    ],
)
def test_an_image_is_ours_by_label_and_name(entry: dict[str, Any], expected: Level | None) -> None:
    assert ours.image_level(entry, NOW) == expected


def test_an_image_that_somebody_named_too_only_loses_our_names() -> None:
    entry = image("threadmark/cpu:eeee", "somebody/copy:1", threadmark="image", threadmark_recipe="eeee")
    assert ours.our_names(entry) == ["threadmark/cpu:eeee"]


def test_todays_recipes_are_those_that_a_plan_expects() -> None:
    recipes = current_recipes()
    assert len(recipes) == 2 + 2 * len(declarations())
    assert recipe.context_identity(image="cpu", base="bootstrap", base_image=None) in recipes


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache as kills may leave it, on a machine without an engine."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    monkeypatch.setattr(alone, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp/threadmark-base-x3/root").mkdir(parents=True)
    (tmp_path / "tmp/threadmark-base-x3/root/half").write_bytes(b"x" * 1000)
    (tmp_path / "tmp/mmdebstrap.other").mkdir()
    cache = tmp_path / "cache"
    files = (
        *(".base-x1/rootfs.tar", "wheels/cpu/.fetch-x2/half.whl", "receipts/a.json.writing", "rootfs/writing/etc/x"),
        *("wheels/cpu/whole.whl", "receipts/a.json", "rootfs/0123/etc/x"),
    )
    for name in files:
        (cache / name).parent.mkdir(parents=True, exist_ok=True)
        (cache / name).write_bytes(b"x" * 1000)
    (cache / "rootfs/0123/outside").symlink_to(tmp_path)
    return cache


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("level", "stays", "won"),
    [
        ("leftovers", {"wheels/cpu/whole.whl", "receipts/a.json", "rootfs/0123/etc/x"}, 5000),
        ("old", {"wheels/cpu/whole.whl", "receipts/a.json"}, 6000),
        ("all", set(), 8000),
    ],
)
def test_each_level_takes_what_its_name_says_and_says_what_was_won(
    cache: Path, level: Level, stays: set[str], won: int, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = cache.parent / "results.jsonl"
    outside.write_text("kept")
    before = clean._size(cache.parent)
    clean.clean(level, cache, lambda: True)
    assert files(cache) == stays
    assert outside.exists(), "a link out of the cache is removed, not followed"
    gone = before - clean._size(cache.parent)
    assert won <= gone < won + 1000  # a link's own size is its text's
    assert f"{size(gone)} won" in capsys.readouterr().out
    assert not (cache.parent / "tmp/threadmark-base-x3").exists()
    assert (cache.parent / "tmp/mmdebstrap.other").exists(), "somebody else's"


@pytest.mark.parametrize("level", ours.LEVELS)
def test_without_a_yes_nothing_goes(cache: Path, level: Level, capsys: pytest.CaptureFixture[str]) -> None:
    before = files(cache)
    clean.clean(level, cache, lambda: False)
    assert files(cache) == before
    assert "nothing was removed" in capsys.readouterr().out


def test_where_there_is_nothing_nothing_is_asked(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clean.clean("all", cache, lambda: True)
    clean.clean("all", cache, lambda: pytest.fail("asked"))
    assert "nothing of this suite's to remove" in capsys.readouterr().out


def test_while_a_run_is_under_way_nothing_is_even_listed(cache: Path) -> None:
    before = files(cache)
    with FileLock(alone.LOCK), pytest.raises(RunError, match=r"no cleaning while a run .*stop it"):
        clean.clean("all", cache, lambda: True)
    assert files(cache) == before


@pytest.fixture
def here(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """The command, with its cache in the test's folder."""
    monkeypatch.setattr(recipe, "CACHE", cache)
    return lambda *words: command.main(list(words))


def test_without_a_terminal_the_command_says_so_and_does_nothing(
    here: Callable[..., int], cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with open(os.devnull) as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        before = files(cache)
        assert here() == 2
    assert files(cache) == before
    assert "there is no terminal to ask at; say --yes" in capsys.readouterr().err
    assert here("--yes") == 0
    assert files(cache) < before


@pytest.mark.parametrize(("answer", "goes"), [("y", True), ("YES ", True), ("", False), ("n", False)])
def test_only_a_yes_is_a_yes(
    here: Callable[..., int], cache: Path, monkeypatch: pytest.MonkeyPatch, answer: str, goes: bool
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: answer)
    before = files(cache)
    assert here() == 0
    assert (files(cache) < before) is goes


def test_every_stage_of_a_build_is_labelled_as_one_until_the_build_gives_its_own_label() -> None:
    """Or what a kill leaves of a build has the label of the image it is built on, and would be taken for that."""
    dockerfiles = [
        *recipe.ROOT.glob("containers/images/*/Dockerfile"),
        recipe.ROOT / "containers/images/base/suite.Dockerfile",
    ]
    assert recipe.ROOT / "containers/images/base/Dockerfile" in dockerfiles
    for path in dockerfiles:
        lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
        stages = [place for place, line in enumerate(lines) if line.startswith("FROM ")]
        assert stages
        assert all(lines[place + 1] == "LABEL threadmark=builder" for place in stages), path
