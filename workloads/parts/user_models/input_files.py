"""Inputs from a file: NumPy's .npz and .npy, and the JSON that TensorFlow Serving takes. NumPy only."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from workloads.parts.user_models.making_up import Inputs, Ragged, require_batch
from workloads.parts.user_models.model import Input, shown
from workloads.parts.user_models.words import ModelError


def read(file: Path, declared: Sequence[Input] | None, batch: int) -> Inputs:
    """The file's arrays in the order of the model's inputs, cut to the first `batch` examples.

    Matched by name, or by order if they have none. Without declared inputs: all of them, as saved. Numbers of another
    type are cast where no value changes but by a float's rounding, and that is told.
    Raises ModelError for a name, type or shape that is not the declared one, and for fewer examples than `batch`.
    """
    arrays = _json(file, declared) if file.suffix == ".json" else _numpy(file)
    told = f"the inputs of {file.name}"
    if declared is None:
        values = list(arrays.values())
        require_batch([Input(name, array.shape, str(array.dtype)) for name, array in arrays.items()], values, batch)
        return Inputs(values, told)
    wanted = [model_input.name for model_input in declared]
    if set(arrays) == {f"arr_{place}" for place in range(len(declared))}:
        arrays = {name: arrays[f"arr_{place}"] for place, name in enumerate(wanted)}
    if set(arrays) != set(wanted):
        raise ModelError(
            f"the {file.suffix} holds {', '.join(sorted(arrays))}; the model's inputs are {', '.join(wanted)}: "
            "name the arrays so, or save them without names in this order"
        )
    fitted = [_fitted(arrays[model_input.name], model_input, batch, file.suffix) for model_input in declared]
    require_batch(declared, fitted, batch)
    casts = [
        f"{model_input.name} cast from {arrays[model_input.name].dtype} to {model_input.dtype}"
        for model_input in declared
        if isinstance(arrays[model_input.name], np.ndarray) and _dtype(arrays[model_input.name]) != model_input.dtype
    ]
    return Inputs(fitted, f"{told} ({', '.join(casts)})" if casts else told)


def _numpy(file: Path) -> dict[str, Any]:
    if file.suffix == ".npy":
        return {"arr_0": _strings(np.load(file, allow_pickle=False), "the array")}
    with np.load(file, allow_pickle=False) as content:
        return {name: _strings(content[name], name) for name in content.files}


def _strings(array: Any, name: str) -> Any:
    """NumPy's text as the objects that TensorFlow takes for strings; other arrays as they are.

    NumPy fills strings up with zero bytes and takes all of them away again. The longest string tells whether bytes of
    its own went with them; where there is no other, it is given back whole.
    """
    if array.dtype.kind == "U":
        return _objects([text.encode() for text in array.flat], array.shape)
    if array.dtype.kind != "S":
        return array
    texts = list(array.flat)
    if len(texts) == 1:
        texts = [texts[0].ljust(array.dtype.itemsize, b"\0")]
    elif texts and max(map(len, texts)) < array.dtype.itemsize:
        raise ModelError(
            f"{name} holds strings that end in zero bytes, which NumPy loses; give them as TensorFlow Serving's JSON, "
            'each as {"b64": "..."}'
        )
    return _objects(texts, array.shape)


def _objects(values: list[Any], shape: tuple[int, ...]) -> Any:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array.reshape(shape)


def _json(file: Path, declared: Sequence[Input] | None) -> dict[str, Any]:
    """The arrays of ``{"instances": [...]}`` or ``{"inputs": {...}}``; without names: arr_0."""
    content = json.loads(file.read_bytes())
    if (instances := content.get("instances")) is None:
        columns = content["inputs"]
    elif instances and all(isinstance(instance, dict) and set(instance) != {"b64"} for instance in instances):
        if any(set(instance) != set(instances[0]) for instance in instances):
            raise ModelError("the .json's instances have different names; give each of them all inputs")
        columns = {name: [instance[name] for instance in instances] for name in instances[0]}
    else:
        columns = instances
    if not isinstance(columns, dict) or set(columns) == {"b64"}:
        columns = {"arr_0": columns}
    kinds = {model_input.name: model_input for model_input in declared or []}
    if declared is not None and len(declared) == 1:
        kinds["arr_0"] = declared[0]
    return {name: _array(_decoded(value), name, kinds.get(name)) for name, value in columns.items()}


def _decoded(value: Any) -> Any:
    """Nested lists with texts as bytes, those of ``{"b64": ...}`` decoded."""
    if isinstance(value, list):
        return [_decoded(element) for element in value]
    if isinstance(value, dict) and set(value) == {"b64"}:
        return base64.b64decode(value["b64"])
    return value.encode() if isinstance(value, str) else value


def _array(value: Any, name: str, model_input: Input | None) -> Any:
    kind = (
        None
        if model_input is None
        else {"string": "object", "bfloat16": "float32"}.get(model_input.dtype, model_input.dtype)
    )
    try:
        if model_input is not None and model_input.ragged:
            flat = np.concatenate([np.asarray(row, kind) for row in value])
            return Ragged(flat, np.array([len(row) for row in value]))
        array = np.asarray(value)
        if array.dtype.kind == "S":
            return np.asarray(value, dtype=object)
        # JSON has one type of number: the declared one is meant where the values are of its kind.
        return (
            array if kind is None or (array.dtype.kind == "f" and np.dtype(kind).kind in "iu") else array.astype(kind)
        )
    except (ValueError, TypeError, OverflowError) as error:
        raise ModelError(f"the .json's {name} is no array ({' '.join(str(error).split())[:120]})") from None


def _dtype(array: Any) -> str:
    return "string" if array.dtype == object else str(array.dtype)


def _fitted(array: Any, model_input: Input, batch: int, suffix: str) -> Any:
    if isinstance(array, Ragged):
        return array
    cut = array[:batch] if model_input.shape and model_input.shape[0] is None and array.ndim else array
    cast = _cast(cut, model_input)
    if model_input.ragged or cast is None or not _fits(cut.shape, model_input.shape, batch):
        raise ModelError(
            f"the {suffix}'s {model_input.name} is {_dtype(array)} {shown(array.shape)}; the model wants "
            f"{'ragged ' * model_input.ragged}{model_input.sized(batch)}"
        )
    return cast


def _cast(array: Any, model_input: Input) -> Any:
    """The array as the declared type, or None if values would change by more than a float's rounding."""
    if _dtype(array) == model_input.dtype or (model_input.dtype == "bfloat16" and array.dtype.kind == "f"):
        return array
    if model_input.dtype in ("string", "bool") or array.dtype.kind not in "fiub":
        return None
    if model_input.dtype.startswith(("float", "bfloat")):
        return array.astype("float32" if model_input.dtype == "bfloat16" else model_input.dtype)
    if not model_input.dtype.startswith(("int", "uint")):
        return None
    with np.errstate(invalid="ignore"):
        cast = array.astype(model_input.dtype)
    return cast if np.array_equal(cast, array) else None


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
