"""Inputs made up from what a model declares, and the words that say what was made up. NumPy only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.parts.user_models.model import Input, shown
from workloads.parts.user_models.words import ModelError

_FLOATS = ("float16", "bfloat16", "float32", "float64")
_TOLD = 6  # inputs that are told one by one


@dataclass(frozen=True)
class Ragged:
    """Rows of different lengths, one after another."""

    values: Any  # an array
    lengths: Any  # of the rows

    @property
    def shape(self) -> tuple[int | None, ...]:
        """As of a tensor; the rows' length is open."""
        return (len(self.lengths), None, *self.values.shape[1:])

    @property
    def ndim(self) -> int:
        """The number of dimensions, the rows among them."""
        return len(self.shape)


@dataclass(frozen=True)
class Inputs:
    """What a model is called on."""

    values: list[Any]  # arrays, Ragged, or what a Python file brings
    told: str  # where they come from, in words
    made_up: bool = False


def make_up(
    declared: Sequence[Input], batch: int, length: int, rng: np.random.Generator, rows: Mapping[int, int] | None = None
) -> Inputs:
    """An array for each declared input: an open first dimension is `batch`, every other open one `length`.

    Floats are standard normal. Whole numbers go over the whole of the table that they look up, `rows` long for the
    input at a place; else they are 0 or 1, which are valid ids, masks and counts for most models, and bytes 0 to 255.
    Strings are "a". Rows of a ragged input hold 1 to `length` values.
    Raises ModelError for a type or a shape that says too little, and for another batch size.
    """
    made = [
        _made_up(model_input, batch, length, rng, (rows or {}).get(place)) for place, model_input in enumerate(declared)
    ]
    arrays = [array for array, _ in made]
    require_batch(declared, arrays, batch)
    words = [
        f"{model_input.name} {model_input.dtype} {shown(array.shape)} {how}"
        for model_input, (array, how) in zip(declared, made, strict=True)
    ]
    more = [f"{len(words) - _TOLD} more"] if len(words) > _TOLD else []
    return Inputs(arrays, f"made-up inputs: {', '.join(words[:_TOLD] + more)}", made_up=True)


def _made_up(
    model_input: Input, batch: int, length: int, rng: np.random.Generator, rows: int | None
) -> tuple[Any, str]:
    if model_input.shape is None:
        raise ModelError(
            f"input {model_input} can have any number of dimensions; give the workload `inputs`, an .npz file"
        )
    shape = tuple(
        (length if place else batch) if size is None else size for place, size in enumerate(model_input.shape)
    )
    if not model_input.ragged:
        return _values(model_input, shape, rng, rows)
    lengths = rng.integers(1, length + 1, shape[0])
    values, how = _values(model_input, (int(lengths.sum()), *shape[2:]), rng, rows)
    return Ragged(values, lengths), f"{how}, 1 to {length} in a row"


def _values(model_input: Input, shape: tuple[int, ...], rng: np.random.Generator, rows: int | None) -> tuple[Any, str]:
    # NumPy has no bfloat16; the tensor is cast.
    kind = {"bfloat16": "float32", "string": "object"}.get(model_input.dtype, model_input.dtype)
    if model_input.dtype in _FLOATS and rows is None:
        return np.asarray(rng.standard_normal(shape)).astype(kind), "standard normal"
    if model_input.dtype in _FLOATS or model_input.dtype.startswith(("int", "uint")):
        end = rows or (256 if model_input.dtype == "uint8" else 2)
        if not model_input.dtype.startswith(("float", "bfloat")):
            end = min(end, int(np.iinfo(kind).max) + 1)
        return np.asarray(rng.integers(0, end, shape)).astype(kind), f"0 to {end - 1}"
    if model_input.dtype == "bool":
        return np.asarray(rng.integers(0, 2, shape)).astype(bool), "true and false"
    if model_input.dtype == "string":
        return np.full(shape, b"a", dtype=object), "all 'a'"
    raise ModelError(f"input {model_input} cannot be made up; give the workload `inputs`, an .npz file")


def require_batch(declared: Sequence[Input], arrays: Sequence[Any], batch: int) -> None:
    """A call's work is `batch` examples: some input must lead with that size, unless all are scalars."""
    leading = [array.shape[0] for array in arrays if array.ndim]
    if leading and batch not in leading:
        raise ModelError(
            f"params.batch is {batch} and no input holds {batch} examples ({'; '.join(map(str, declared))}); "
            f"set params.batch to {leading[0]}"
        )
