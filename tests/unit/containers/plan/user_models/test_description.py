"""A user's model is identified by its content, and the plan's definitions with it."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from containers.plan.config import validate
from containers.plan.make import versions_taken
from containers.plan.user_models.description import describe, files
from tests.made.model_files import saved, saved_model
from tests.unit.containers.plan.test_config import minimal
from tests.unit.containers.plan.test_make import definition, plan
from workloads.vocabulary.errors import ConfigError


def test_the_content_is_that_of_names_and_bytes_wherever_the_model_lies(tmp_path: Path) -> None:
    folder = saved_model(tmp_path / "net")
    base = describe("mine", folder, None)
    moved = folder.rename(tmp_path / "elsewhere")
    os.utime(moved / "saved_model.pb", (0, 0))
    assert describe("other", moved, None).content == base.content
    result = {base.content}
    (moved / "saved_model.pb").write_bytes(b"grapf")
    result.add(describe("mine", moved, None).content)
    (moved / "variables/variables.index").rename(moved / "variables/variables.indez")
    result.add(describe("mine", moved, None).content)
    (moved / "assets.txt").write_bytes(b"")
    result.add(describe("mine", moved, None).content)
    result.add(describe("mine", moved, saved(tmp_path / "a.npz", x=np.ones(3))).content)
    assert len(result) == 5


def test_one_file_that_reads_like_two_is_another_content(tmp_path: Path) -> None:
    """Without the sizes in the hash these two folders would be one."""
    folder = saved_model(tmp_path / "net")
    base = describe("mine", folder, None).content
    (folder / "variables/variables.index").unlink()
    (folder / "saved_model.pb").write_bytes(b"graphmodel/variables/variables.index\0\0index")
    assert describe("mine", folder, None).content != base


def test_the_files_have_the_names_that_the_container_knows(tmp_path: Path) -> None:
    folder, inputs = saved_model(tmp_path / "net"), saved(tmp_path / "in.npz", x=np.ones(3))
    assert sorted(files(folder, inputs)) == ["inputs.npz", "model/saved_model.pb", "model/variables/variables.index"]
    (tmp_path / "a.py").touch()
    assert list(files(tmp_path / "a.py", None)) == ["model/model.py"]


def test_of_a_folder_of_versions_the_newest_is_taken_and_said(tmp_path: Path) -> None:
    """By number: 10 is newer than 9. What is no SavedModel's folder is no version."""
    for version in ("9", "10"):
        saved_model(tmp_path / "served" / version, version.encode())
    (tmp_path / "served/11").mkdir()
    result = describe("mine", tmp_path / "served", None)
    assert result.path == str(tmp_path / "served/10")
    assert result.content == describe("mine", tmp_path / "served/10", None).content
    said = []
    for model in (tmp_path / "served", tmp_path / "served/10"):
        config = minimal() | {"workloads": {"matmul": {"model": str(model)}}}
        said += versions_taken(validate(config), plan(config))
    assert said == [f"workloads.matmul: of {tmp_path}/served the newest version is taken, {tmp_path}/served/10"]


def test_an_edited_model_is_another_definition_and_a_moved_one_is_not(tmp_path: Path) -> None:
    def of(path: Path) -> str:
        content = minimal()
        entry = {"matmul": {"model": str(path), "params": {"batch": 2}}}
        return definition(content | {"workloads": entry})

    first, second = tmp_path / "one.py", tmp_path / "two.py"
    first.write_text("def build_model(batch): ...")
    second.write_text("def build_model(batch): ...")
    base = of(first)
    assert of(second) == base
    second.write_text("def build_model(batch):  ...")
    assert of(second) != base


def test_a_cell_of_a_user_s_model_has_its_module_and_parameters(tmp_path: Path) -> None:
    (tmp_path / "one.py").touch()
    entry = {"matmul": {"model": str(tmp_path / "one.py"), "params": {"batch": 2}, "signature": "logits"}}
    cell = plan(minimal() | {"workloads": entry}).cells[0]
    assert cell.module == "user_model"
    assert cell.params == {
        "batch": 2,
        "length": 128,
        "call": "function",
        "signature": "logits",
        "jit_compile": False,
        "allow_lambda": False,
        "check": "equal",
    }
    assert cell.model == describe("matmul", tmp_path / "one.py", None)


def test_a_signature_belongs_to_a_model_of_the_user() -> None:
    with pytest.raises(ConfigError, match="give it a `model`"):
        plan(minimal() | {"workloads": {"matmul": {"signature": "logits"}}})
