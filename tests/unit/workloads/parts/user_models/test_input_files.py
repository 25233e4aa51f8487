"""Inputs from a file: matched, cut to the batch, cast where nothing is lost, and refused where it would be."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.made.model_files import saved
from workloads.parts.user_models.input_files import read
from workloads.parts.user_models.making_up import Inputs
from workloads.parts.user_models.model import Input
from workloads.parts.user_models.words import ModelError

X = Input("x", (None, 3), "float32")
IDS = Input("ids", (None, None), "int32")
TEXT = Input("s", (None,), "string")


def served(path: Path, declared: list[Input] | None, batch: int, content: Any) -> Inputs:
    path = path / "inputs.json"
    path.write_text(json.dumps(content))
    return read(path, declared, batch)


def test_an_npz_is_matched_by_name_or_by_order_and_cut_to_the_batch(tmp_path: Path) -> None:
    x, ids = np.arange(12, dtype="float32").reshape(4, 3), np.ones((4, 5), "int32")
    for file in (saved(tmp_path / "named.npz", ids=ids, x=x), saved(tmp_path / "ordered.npz", x, ids)):
        inputs = read(file, [X, IDS], batch=2)
        assert np.array_equal(inputs.values[0], x[:2])
        assert np.array_equal(inputs.values[1], ids[:2])
        assert inputs.told == f"the inputs of {file.name}"
        assert not inputs.made_up


def test_one_array_as_npy_is_the_only_input(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((4, 3), "float32"))
    assert read(tmp_path / "x.npy", [X], batch=4).values[0].shape == (4, 3)
    with pytest.raises(ModelError, match=r"the \.npy holds arr_0; the model's inputs are x, ids"):
        read(tmp_path / "x.npy", [X, IDS], batch=4)


def test_without_declared_inputs_all_arrays_are_taken_as_saved(tmp_path: Path) -> None:
    file = saved(tmp_path / "a.npz", b=np.ones((2, 3)), a=np.zeros(5))
    assert [array.shape for array in read(file, None, batch=2).values] == [(2, 3), (5,)]
    with pytest.raises(ModelError, match="no input holds 3 examples"):
        read(file, None, batch=3)


def test_text_in_an_npz_is_what_tensorflow_takes_for_strings(tmp_path: Path) -> None:
    tried = read(saved(tmp_path / "a.npz", s=np.array(["ä", "b"])), [TEXT], batch=2).values[0]
    assert tried.tolist() == ["ä".encode(), b"b"]


def test_zero_bytes_at_the_end_of_a_string_are_kept_or_missed(tmp_path: Path) -> None:
    """NumPy takes them away. One string is as long as its type says; of several, nobody knows."""
    tried = read(saved(tmp_path / "one.npz", s=np.array([b"ab\0\0"])), [TEXT], batch=1).values[0]
    assert tried.tolist() == [b"ab\0\0"]
    padded = read(saved(tmp_path / "two.npz", s=np.array([b"a", b"abc"])), [TEXT], batch=2).values[0]
    assert padded.tolist() == [b"a", b"abc"]
    lost = saved(tmp_path / "lost.npz", s=np.array([b"a", b"ab\0\0"]))
    with pytest.raises(ModelError, match="s holds strings that end in zero bytes, which NumPy loses; give them as"):
        read(lost, [TEXT], batch=2)


@pytest.mark.parametrize(
    ("dtype", "values", "declared"),
    [
        ("float64", [0.1, 1.5, -2.0], "float32"),
        ("int64", [1, 2, 3], "float32"),
        ("int64", [1, 2, 3], "int32"),
        ("float64", [1.0, 2.0, 3.0], "int32"),
        ("uint8", [0, 255, 1], "int64"),
    ],
)
def test_numbers_of_another_type_are_cast_and_it_is_told(
    tmp_path: Path, dtype: str, values: list[Any], declared: str
) -> None:
    file = saved(tmp_path / "a.npz", x=np.array([values], dtype))
    inputs = read(file, [Input("x", (None, 3), declared)], batch=1)
    assert inputs.values[0].dtype == declared
    assert inputs.values[0][0].tolist() == pytest.approx(values)
    assert inputs.told == f"the inputs of a.npz (x cast from {dtype} to {declared})"


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"y": np.ones((4, 3), "float32")}, "the .npz holds y; the model's inputs are x: name the arrays so"),
        ({"x": np.ones((4, 3), "complex64")}, r"x is complex64 \(4, 3\); the model wants float32 \(2, 3\)"),
        ({"x": np.full((4, 3), "a")}, r"x is string \(4, 3\); the model wants float32 \(2, 3\)"),
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


@pytest.mark.parametrize("values", [[0.5, 1.0], [2.0**40, 1.0], [float("nan"), 1.0]])
def test_a_cast_that_would_change_values_is_refused(tmp_path: Path, values: list[float]) -> None:
    with pytest.raises(ModelError, match=r"ids is float64 \(1, 2\); the model wants int32"):
        read(saved(tmp_path / "a.npz", ids=np.array([values])), [IDS], batch=1)


def test_a_fixed_batch_is_not_cut(tmp_path: Path) -> None:
    file = saved(tmp_path / "a.npz", x=np.ones((4, 3), "float32"))
    with pytest.raises(ModelError, match=r"is float32 \(4, 3\); the model wants float32 \(2, 3\)"):
        read(file, [Input("x", (2, 3), "float32")], batch=2)


@pytest.mark.parametrize(
    "content",
    [
        {"instances": [[1, 2, 3], [4, 5, 6]]},
        {"instances": [{"x": [1, 2, 3]}, {"x": [4, 5, 6]}]},
        {"inputs": [[1, 2, 3], [4, 5, 6]]},
        {"inputs": {"x": [[1, 2, 3], [4, 5, 6]]}},
    ],
)
def test_all_four_forms_of_json_are_one_array(tmp_path: Path, content: Any) -> None:
    tried = served(tmp_path, [X], 2, content).values
    assert [(array.dtype, array.tolist()) for array in tried] == [(np.float32, [[1, 2, 3], [4, 5, 6]])]


def test_instances_of_several_inputs_are_read_by_name(tmp_path: Path) -> None:
    content = {"instances": [{"ids": [1, 2], "x": [1.5, 0, 0]}, {"ids": [3, 4], "x": [2, 0, 0]}]}
    x, ids = served(tmp_path, [X, IDS], 2, content).values
    assert (x[:, 0].tolist(), ids.tolist(), ids.dtype) == ([1.5, 2.0], [[1, 2], [3, 4]], np.int32)
    with pytest.raises(ModelError, match="instances have different names"):
        served(tmp_path, [X, IDS], 2, {"instances": [{"x": [1, 2, 3]}, {"ids": [1]}]})


def test_bytes_come_through_json_as_they_are(tmp_path: Path) -> None:
    content = {"instances": [{"b64": base64.b64encode(b"ab\0\0").decode()}, "text"]}
    assert served(tmp_path, [TEXT], 2, content).values[0].tolist() == [b"ab\0\0", b"text"]


def test_rows_of_different_lengths_are_a_ragged_input_and_else_refused(tmp_path: Path) -> None:
    content = {"inputs": {"ids": [[1], [2, 3]]}}
    ragged = served(tmp_path, [Input("ids", (None, None), "int32", ragged=True)], 2, content).values[0]
    assert (ragged.values.tolist(), ragged.lengths.tolist()) == ([1, 2, 3], [1, 2])
    with pytest.raises(ModelError, match=r"the \.json's ids is no array"):
        served(tmp_path, [IDS], 2, content)


def test_fractions_are_no_ids(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="ids is float64"):
        served(tmp_path, [IDS], 1, {"inputs": {"ids": [[0.5]]}})
