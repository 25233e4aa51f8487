"""Which paths are models, and the one sentence of those that are none: what it is, and the step that makes it one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from containers.plan.user_models.description import describe, files
from tests.made.model_files import HDF5, POINTER, keras_archive, refusal, saved_model


def test_a_path_that_holds_no_model_is_refused_with_what_it_should_be(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "net.txt").touch()
    os.mkfifo(tmp_path / "pipe.keras")
    assert "does not exist" in refusal(tmp_path / "absent.keras")
    assert "without saved_model.pb and without model.py; give a SavedModel's folder" in refusal(tmp_path / "empty")
    assert "is none; give a SavedModel's folder" in refusal(tmp_path / "net.txt")
    assert "is none; give" in refusal(tmp_path / "pipe.keras")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("a.tflite", "a TensorFlow Lite model, which another runtime runs; give the SavedModel or the Keras file that"),
        ("a.onnx", "an ONNX model; convert it with onnx2tf"),
        ("a.pth", "a file of PyTorch; export it to ONNX"),
        ("a.ckpt", "a checkpoint: weights and no model; give a folder with model.py"),
        ("a.ckpt.index", "a checkpoint"),
        ("a.ckpt.data-00000-of-00001", "a checkpoint"),
        ("a.weights.h5", "a checkpoint"),
        ("a.tar.gz", "an archive; unpack it"),
        ("saved_model.pb", "a SavedModel's graph without its variables; give the folder that it lies in"),
    ],
)
def test_what_cannot_run_is_named_with_the_step_that_makes_it_run(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert says in refusal(tmp_path / name)


def test_a_folder_with_a_checkpoint_is_none_and_a_model_that_loads_it_is_one(tmp_path: Path) -> None:
    (tmp_path / "checkpoint").touch()
    (tmp_path / "ckpt-1.index").touch()
    assert "a checkpoint: weights and no model" in refusal(tmp_path)
    (tmp_path / "model.py").touch()
    assert sorted(files(tmp_path, None)) == ["model/checkpoint", "model/ckpt-1.index", "model/model.py"]


def test_pointers_of_git_lfs_are_not_the_files(tmp_path: Path) -> None:
    folder = saved_model(tmp_path / "net")
    (folder / "variables/variables.index").write_bytes(POINTER)
    assert "variables.index is a pointer of Git LFS and not the file itself; run `git lfs pull`" in refusal(folder)
    for name in ("a.keras", "a.h5", "a.pb"):
        (tmp_path / name).write_bytes(POINTER)
        assert "is a pointer of Git LFS" in refusal(tmp_path / name)


def test_a_keras_file_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    """Many files named .keras are HDF5 inside, and HDF5 has several endings."""
    assert list(files(keras_archive(tmp_path / "a.keras"), None)) == ["model.keras"]
    for name in ("b.keras", "c.h5", "d.hdf5"):
        (tmp_path / name).write_bytes(HDF5 + bytes(2**20 - 12) + b"model_config")
        assert list(files(tmp_path / name, None)) == ["model.h5"]
    (tmp_path / "e.h5").write_bytes(HDF5 + b"model_weights")
    assert "holds weights and no model; give a folder with model.py" in refusal(tmp_path / "e.h5")
    (tmp_path / "f.h5").write_bytes(b"something else")
    assert "is neither a Keras archive nor HDF5" in refusal(tmp_path / "f.h5")


def test_a_damaged_keras_archive_is_refused(tmp_path: Path) -> None:
    cut = keras_archive(tmp_path / "a.keras")
    cut.write_bytes(cut.read_bytes()[:100])
    assert "is a damaged archive" in refusal(cut)


def test_a_class_of_the_user_s_own_is_not_in_a_keras_file(tmp_path: Path) -> None:
    dense = {"module": "keras.layers", "class_name": "Dense", "registered_name": None}
    code = {"module": "builtins", "class_name": "__lambda__", "registered_name": "function"}
    scale = {"module": None, "class_name": "Scale", "registered_name": "mine>Scale"}
    assert describe("mine", keras_archive(tmp_path / "a.keras", dense, code), None)
    said = refusal(keras_archive(tmp_path / "b.keras", dense, scale))
    assert "needs the class Scale, whose code a .keras file does not hold; save it by model.export(FOLDER)" in said


def test_links_out_of_the_folder_and_what_is_no_file_are_refused(tmp_path: Path) -> None:
    folder = saved_model(tmp_path / "net")
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
