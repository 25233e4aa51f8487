"""What comes along with a Python file: what it imports and names of its folder; with a folder, all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from containers.plan.user_models import python_files
from containers.plan.user_models.description import describe, files
from tests.made.model_files import refusal, saved_model


def test_modules_and_files_beside_it_come_along_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text('import layers\nimport numpy\nWEIGHTS = "weights.h5"\nSAVED = "inner"\n')
    (tmp_path / "layers.py").write_text("from pack.deep import x\n")
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack/__init__.py").touch()
    (tmp_path / "pack/deep.py").write_text('NAMES = "names.txt"\n')
    saved_model(tmp_path / "inner")
    for name in ("weights.h5", "names.txt", "other.py", "other.h5"):
        (tmp_path / name).touch()
    assert sorted(files(tmp_path / "net.py", None)) == [
        "model/inner/saved_model.pb",
        "model/inner/variables/variables.index",
        "model/layers.py",
        "model/model.py",
        "model/names.txt",
        "model/pack/__init__.py",
        "model/pack/deep.py",
        "model/weights.h5",
    ]
    before = describe("mine", tmp_path / "net.py", None).content
    (tmp_path / "other.h5").write_bytes(b"edited")
    assert describe("mine", tmp_path / "net.py", None).content == before
    (tmp_path / "weights.h5").write_bytes(b"edited")
    assert describe("mine", tmp_path / "net.py", None).content != before


def test_nothing_outside_of_its_folder_comes_along(tmp_path: Path) -> None:
    (tmp_path / "secret").touch()
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "net.py").write_text(f'A = "../secret"\nB = {str(tmp_path / "secret")!r}\nC = "link"\nD = ""\nE = "."\n')
    (folder / "link").symlink_to(tmp_path / "secret")
    assert list(files(folder / "net.py", None)) == ["model/model.py"]


def test_a_file_that_is_no_python_is_left_to_the_container(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("def build_model(batch:\n")
    assert list(files(tmp_path / "net.py", None)) == ["model/model.py"]


def test_a_folder_with_model_py_comes_along_but_for_what_is_hidden(tmp_path: Path) -> None:
    for name in ("model.py", "data.bin", ".env"):
        (tmp_path / name).touch()
    for name in (".git", "__pycache__"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").touch()
    assert sorted(files(tmp_path, None)) == ["model/data.bin", "model/model.py"]


def test_a_second_model_py_is_refused(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import model\n")
    (tmp_path / "model.py").touch()
    assert "uses a model.py beside it" in refusal(tmp_path / "net.py")


def test_more_than_may_come_along_is_refused_with_both_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.py").touch()
    with (tmp_path / "data.bin").open("wb") as file:
        file.truncate(2**31 + 1)
    monkeypatch.setattr("containers.plan.user_models.description.content", lambda named: "")
    says = "and the files with it are 2.0 GiB, more than 2 GiB; give a folder that holds model.py and only what it"
    assert says in refusal(tmp_path)
    (tmp_path / "net.py").write_text('X = "data.bin"\n')
    assert says in refusal(tmp_path / "net.py")
    assert python_files.MOST_BYTES == 2**31
