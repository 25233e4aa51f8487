"""A user's model on the host, and the inputs that it gets: by content, and with a sentence for every mistake."""

from __future__ import annotations

import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from containers.plan.models import describe, files
from tests.unit.containers.plan.test_config import minimal
from tests.unit.containers.plan.test_make import definition, plan
from workloads.parts.model_inputs import Input, ModelError, make_up, read
from workloads.vocabulary.errors import ConfigError

X = Input("x", (None, 3), "float32")
IDS = Input("ids", (None, None), "int32")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What looks like a SavedModel from outside."""
    root = tmp_path / "net"
    (root / "variables").mkdir(parents=True)
    (root / "saved_model.pb").write_bytes(b"graph")
    (root / "variables/variables.index").write_bytes(b"index")
    return root


def saved(path: Path, *unnamed: Any, **arrays: Any) -> Path:
    np.savez(path, *unnamed, **arrays)
    return path


def refusal(path: Path, inputs: Path | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        describe("mine", path, inputs)
    assert str(caught.value).startswith("config: workloads.mine: ")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_content_is_that_of_names_and_bytes_wherever_the_model_lies(folder: Path, tmp_path: Path) -> None:
    base = describe("mine", folder, None)
    moved = folder.rename(tmp_path / "elsewhere")
    os.utime(moved / "saved_model.pb", (0, 0))
    assert describe("other", moved, None).content == base.content
    found = {base.content}
    (moved / "saved_model.pb").write_bytes(b"grapf")
    found.add(describe("mine", moved, None).content)
    (moved / "variables/variables.index").rename(moved / "variables/variables.indez")
    found.add(describe("mine", moved, None).content)
    (moved / "assets.txt").write_bytes(b"")
    found.add(describe("mine", moved, None).content)
    found.add(describe("mine", moved, saved(tmp_path / "a.npz", x=np.ones(3))).content)
    assert len(found) == 5


def test_one_file_that_reads_like_two_is_another_content(folder: Path) -> None:
    """Without the sizes in the hash these two folders would be one."""
    base = describe("mine", folder, None).content
    (folder / "variables/variables.index").unlink()
    (folder / "saved_model.pb").write_bytes(b"graphmodel/variables/variables.index\0\0index")
    assert describe("mine", folder, None).content != base


def test_the_files_have_the_names_that_the_container_knows(folder: Path, tmp_path: Path) -> None:
    inputs = saved(tmp_path / "in.npz", x=np.ones(3))
    assert sorted(files(folder, inputs)) == ["inputs.npz", "model/saved_model.pb", "model/variables/variables.index"]
    (tmp_path / "a.py").touch()
    assert list(files(tmp_path / "a.py", None)) == ["model.py"]


def test_a_path_that_holds_no_model_is_refused_with_what_it_should_be(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "net.h5").touch()
    os.mkfifo(tmp_path / "pipe.keras")
    assert "does not exist" in refusal(tmp_path / "absent.keras")
    assert "without saved_model.pb; give a SavedModel's folder, a .keras file" in refusal(tmp_path / "empty")
    assert "is none; give a SavedModel's folder" in refusal(tmp_path / "net.h5")
    assert "is none; give" in refusal(tmp_path / "pipe.keras")


def test_links_out_of_the_folder_and_what_is_no_file_are_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of the host")
    inside = folder / "same"
    inside.symlink_to("saved_model.pb")
    assert describe("mine", folder, None)
    for target, says in ((tmp_path / "secret", "leads out"), (tmp_path, "leads out"), (folder, "link to a folder")):
        inside.unlink()
        inside.symlink_to(target)
        assert says in refusal(folder)
    inside.unlink()
    os.mkfifo(inside)
    assert "no file that can be copied" in refusal(folder)


def test_inputs_that_are_no_npz_are_refused(folder: Path, tmp_path: Path) -> None:
    text, single, pickled, strange, cut = (tmp_path / f"{name}.npz" for name in ("text", "single", "p", "s", "cut"))
    text.write_text("1 2 3")
    with single.open("wb") as file:
        np.save(file, np.ones(3))
    saved(pickled, x=np.array([{"a": 1}], dtype=object))
    with zipfile.ZipFile(strange, "w") as archive:
        archive.writestr("x.pkl", pickle.dumps(1))
    saved(cut, x=np.ones(3000))
    cut.write_bytes(cut.read_bytes()[:2000])
    assert "does not exist" in refusal(folder, tmp_path / "absent.npz")
    for path in (text, single, cut):
        assert "is no .npz file; give an .npz file of plain arrays" in refusal(folder, path)
    assert "cannot be read (Object arrays" in refusal(folder, pickled)
    assert "holds x.pkl" in refusal(folder, strange)
    assert "holds no arrays" in refusal(folder, saved(tmp_path / "none.npz"))


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
    entry = {"matmul": {"model": str(tmp_path / "one.py"), "params": {"batch": 2}}}
    cell = plan(minimal() | {"workloads": entry}).cells[0]
    assert cell.module == "user_model"
    assert cell.params == {"batch": 2, "length": 128, "jit_compile": False, "check": "equal"}
    assert cell.model == describe("matmul", tmp_path / "one.py", None)


def test_open_dimensions_are_the_batch_and_the_length() -> None:
    x, ids = make_up([X, IDS], batch=4, length=7, rng=np.random.default_rng(1))
    assert (x.shape, x.dtype, ids.shape, ids.dtype) == ((4, 3), np.float32, (4, 7), np.int32)
    assert set(ids.flat) == {0, 1}


@pytest.mark.parametrize(
    ("dtype", "kind"),
    [
        ("float16", "f"),
        ("bfloat16", "f"),
        ("float64", "f"),
        ("uint8", "u"),
        ("int64", "i"),
        ("bool", "b"),
        ("string", "O"),
    ],
)
def test_every_common_type_is_made_up(dtype: str, kind: str) -> None:
    found = make_up([Input("x", (None, 2), dtype)], 2, 1, np.random.default_rng(1))[0]
    assert (found.shape, found.dtype.kind) == ((2, 2), kind)


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        (Input("x", None, "float32"), r"input x float32 \(any\) can have any number of dimensions"),
        (Input("x", (None,), "complex64"), r"input x complex64 \(\?\) cannot be made up"),
        (Input("x", (8, 3), "float32"), r"no input holds 2 examples \(x float32 \(8, 3\)\); set params.batch to 8"),
    ],
)
def test_a_signature_that_says_too_little_or_another_batch_is_refused(declared: Input, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        make_up([declared], 2, 1, np.random.default_rng(1))


def test_an_npz_is_matched_by_name_or_by_order_and_cut_to_the_batch(tmp_path: Path) -> None:
    x, ids = np.arange(12, dtype="float32").reshape(4, 3), np.ones((4, 5), "int32")
    for file in (saved(tmp_path / "named.npz", ids=ids, x=x), saved(tmp_path / "ordered.npz", x, ids)):
        found = read(file, [X, IDS], batch=2)
        assert np.array_equal(found[0], x[:2])
        assert np.array_equal(found[1], ids[:2])


def test_without_declared_inputs_all_arrays_are_taken_as_saved(tmp_path: Path) -> None:
    file = saved(tmp_path / "a.npz", b=np.ones((2, 3)), a=np.zeros(5))
    assert [array.shape for array in read(file, None, batch=2)] == [(2, 3), (5,)]
    with pytest.raises(ModelError, match="no input holds 3 examples"):
        read(file, None, batch=3)


def test_text_in_an_npz_is_what_tensorflow_takes_for_strings(tmp_path: Path) -> None:
    found = read(saved(tmp_path / "a.npz", s=np.array(["ä", "b"])), [Input("s", (None,), "string")], batch=2)[0]
    assert found.tolist() == ["ä".encode(), b"b"]


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"y": np.ones((4, 3), "float32")}, "the .npz holds y; the model's inputs are x: name the arrays so"),
        ({"x": np.ones((4, 3))}, r"x is float64 \(4, 3\); the model wants float32 \(2, 3\)"),
        ({"x": np.ones((4, 5), "float32")}, r"x is float32 \(4, 5\); the model wants float32 \(2, 3\)"),
        ({"x": np.ones((1, 3), "float32")}, r"x is float32 \(1, 3\); the model wants float32 \(2, 3\)"),
        ({"x": np.ones(3, "float32")}, r"x is float32 \(3\); the model wants float32 \(2, 3\)"),
        ({"x": np.float32(1)}, r"x is float32 \(\); the model wants float32 \(2, 3\)"),
    ],
)
def test_an_npz_that_does_not_fit_is_one_sentence_with_both_sides(
    tmp_path: Path, arrays: dict[str, Any], says: str
) -> None:
    with pytest.raises(ModelError, match=says):
        read(saved(tmp_path / "a.npz", **arrays), [X], batch=2)


def test_a_fixed_batch_is_not_cut(tmp_path: Path) -> None:
    file = saved(tmp_path / "a.npz", x=np.ones((4, 3), "float32"))
    with pytest.raises(ModelError, match=r"is float32 \(4, 3\); the model wants float32 \(2, 3\)"):
        read(file, [Input("x", (2, 3), "float32")], batch=2)
