"""The inputs of a user's model: made up from what the model declares, or taken from an .npz file.

NumPy only: TensorFlow's types are known by their names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


class ModelError(Exception):
    """A user's model, or its inputs, cannot be used; one sentence that says why."""


@dataclass(frozen=True)
class Input:
    """One input as a model declares it."""

    name: str
    shape: tuple[int | None, ...] | None  # None: an open dimension, or an open rank
    dtype: str  # by TensorFlow's name: float32, int64, bool, string

    def sized(self, batch: int) -> str:
        """Type and shape for a batch, as people read them: ``float32 (8, ?)``."""
        return f"{self.dtype} {_shown(self.shape and (self.shape[0] or batch, *self.shape[1:]))}"

    def __str__(self) -> str:
        return f"{self.name} {self.dtype} {_shown(self.shape)}"


def make_up(declared: Sequence[Input], batch: int, length: int, rng: np.random.Generator) -> list[Any]:
    """An array for each declared input: an open first dimension is `batch`, every other open one `length`.

    Floats are standard normal; whole numbers are 0 or 1, which are valid ids, masks and counts for most models;
    strings are "a". Raises ModelError for a type or a shape that says too little, and for another batch size.
    """
    arrays = [_made_up(one, batch, length, rng) for one in declared]
    _require_batch(declared, arrays, batch)
    return arrays


def _made_up(one: Input, batch: int, length: int, rng: np.random.Generator) -> Any:
    if one.shape is None:
        raise ModelError(f"input {one} can have any number of dimensions; give the workload `inputs`, an .npz file")
    shape = tuple((length if place else batch) if size is None else size for place, size in enumerate(one.shape))
    if one.dtype in ("float16", "bfloat16", "float32", "float64"):
        # NumPy has no bfloat16; the tensor is cast.
        kind = np.float32 if one.dtype == "bfloat16" else np.dtype(one.dtype)
        return np.asarray(rng.standard_normal(shape)).astype(kind)
    if one.dtype.startswith(("int", "uint")):
        return np.asarray(rng.integers(0, 2, shape)).astype(one.dtype)
    if one.dtype == "bool":
        return np.asarray(rng.integers(0, 2, shape)).astype(bool)
    if one.dtype == "string":
        return np.full(shape, b"a", dtype=object)
    raise ModelError(f"input {one} cannot be made up; give the workload `inputs`, an .npz file")


def read(file: Path, declared: Sequence[Input] | None, batch: int) -> list[Any]:
    """The arrays of an .npz file in the order of the model's inputs, cut to the first `batch` examples.

    Matched by name, or by order if they were saved without names. Without declared inputs: all of them, as saved.
    Raises ModelError for a name, type or shape that is not the declared one, and for fewer examples than `batch`.
    """
    with np.load(file, allow_pickle=False) as content:
        arrays = {name: content[name] for name in content.files}
    if declared is None:
        found = [_strings(array) for array in arrays.values()]
        _require_batch([Input(name, array.shape, str(array.dtype)) for name, array in arrays.items()], found, batch)
        return found
    wanted = [one.name for one in declared]
    if set(arrays) == {f"arr_{place}" for place in range(len(declared))}:
        arrays = {name: arrays[f"arr_{place}"] for place, name in enumerate(wanted)}
    if set(arrays) != set(wanted):
        raise ModelError(
            f"the .npz holds {', '.join(sorted(arrays))}; the model's inputs are {', '.join(wanted)}: "
            "name the arrays so, or save them without names in this order"
        )
    fitted = [_fitted(arrays[one.name], one, batch) for one in declared]
    _require_batch(declared, fitted, batch)
    return fitted


def _fitted(array: Any, one: Input, batch: int) -> Any:
    array = _strings(array)
    dtype = "string" if array.dtype == object else str(array.dtype)
    cut = array[:batch] if one.shape and one.shape[0] is None and array.ndim else array
    if dtype != one.dtype or not _fits(cut.shape, one.shape, batch):
        raise ModelError(f"the .npz's {one.name} is {dtype} {_shown(array.shape)}; the model wants {one.sized(batch)}")
    return cut


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...] | None, batch: int) -> bool:
    if wanted is None:
        return True
    if len(shape) != len(wanted):
        return False
    open_sizes = [batch if place == 0 else size for place, size in enumerate(shape)]
    return all(
        size == (open_size if want is None else want)
        for size, want, open_size in zip(shape, wanted, open_sizes, strict=True)
    )


def _strings(array: Any) -> Any:
    """NumPy's text as the objects that TensorFlow takes for strings; other arrays as they are."""
    if array.dtype.kind == "U":
        array = np.char.encode(array, "utf-8")
    return array.astype(object) if array.dtype.kind == "S" else array


def _require_batch(declared: Sequence[Input], arrays: Sequence[Any], batch: int) -> None:
    """A call's work is `batch` examples: some input must lead with that size, unless all are scalars."""
    leading = [array.shape[0] for array in arrays if array.ndim]
    if leading and batch not in leading:
        raise ModelError(
            f"params.batch is {batch} and no input holds {batch} examples ({'; '.join(map(str, declared))}); "
            f"set params.batch to {leading[0]}"
        )


def _shown(shape: Sequence[int | None] | None) -> str:
    return "(any)" if shape is None else f"({', '.join('?' if size is None else str(size) for size in shape)})"
