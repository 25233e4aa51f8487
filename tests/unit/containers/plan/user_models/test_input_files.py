"""Files of inputs on the host: what can be none is refused before anything is launched."""

from __future__ import annotations

import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from containers.plan.user_models.description import files
from tests.made.model_files import refusal, saved, saved_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return saved_model(tmp_path / "net")


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
    (tmp_path / "a.csv").touch()
    assert "is no .npz, .npy or .json file" in refusal(folder, tmp_path / "a.csv")


def test_one_array_as_npy_is_taken(folder: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.ones(3))
    assert "inputs.npy" in files(folder, tmp_path / "a.npy")
    (tmp_path / "b.npy").write_bytes(b"\x93NUMPY")
    assert "cannot be read" in refusal(folder, tmp_path / "b.npy")
    saved(tmp_path / "c.npz", x=np.ones(3)).rename(tmp_path / "c.npy")
    assert "is no .npy file" in refusal(folder, tmp_path / "c.npy")


@pytest.mark.parametrize("content", [{"instances": [[1.0]]}, {"inputs": {"x": [[1.0]]}}])
def test_json_is_taken_as_tensorflow_serving_takes_it(folder: Path, tmp_path: Path, content: Any) -> None:
    (tmp_path / "a.json").write_text(json.dumps(content))
    assert "inputs.json" in files(folder, tmp_path / "a.json")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[1.0]]", "has not just one of the keys instances and inputs; write"),
        ('{"instances": [], "inputs": []}', "has not just one of the keys"),
        ('{"instances": [1], "signature_name": "a"}', "names a signature; write it as the workload's `signature`"),
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
    ],
)
def test_other_json_is_refused(folder: Path, tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "a.json").write_text(text)
    assert says in refusal(folder, tmp_path / "a.json")
