"""What a user's model is called on: its file of inputs, those that it brings, or made-up ones."""

from pathlib import Path
from typing import Any

import numpy as np

from workloads.parts.user_models.input_files import read
from workloads.parts.user_models.making_up import Inputs, Ragged, make_up
from workloads.parts.user_models.model import Model
from workloads.parts.user_models.tables import table_rows
from workloads.parts.user_models.words import ModelError, step


def inputs_of(model: Model, file: Path | None, batch: int, length: int, rng: np.random.Generator) -> Inputs:
    """The model's inputs, as tensors. Raises ModelError if there are none, or they do not fit."""
    import tensorflow as tf

    inputs = _found(model, file, batch, length, rng)
    tensors = [_tensor(value) for value in inputs.values]
    types = (
        [tensor.dtype for tensor in tensors]
        if model.declared is None
        else [model_input.dtype for model_input in model.declared]
    )
    if len(types) != len(tensors):
        raise ModelError(f"build_model returned {len(tensors)} inputs; the model takes {len(types)}")
    cast = [
        tensor if tensor.dtype == kind else tf.cast(tensor, kind) for tensor, kind in zip(tensors, types, strict=True)
    ]
    return Inputs(cast, inputs.told, inputs.made_up)


def _found(model: Model, file: Path | None, batch: int, length: int, rng: np.random.Generator) -> Inputs:
    if file is not None:
        with step("reading the inputs"):
            return read(file, model.declared, batch)
    if model.given is not None:
        return Inputs(model.given, "the inputs that build_model returned")
    if model.declared is None:
        raise ModelError(
            "the model does not say which inputs it takes; give the workload `inputs`, an .npz file, "
            "or let build_model return (callable, inputs)"
        )
    return make_up(model.declared, batch, length, rng, table_rows(model))


def _tensor(value: Any) -> Any:
    import tensorflow as tf

    if isinstance(value, Ragged):
        return tf.RaggedTensor.from_row_lengths(value.values, value.lengths)
    return value if isinstance(value, tf.RaggedTensor | tf.SparseTensor) else tf.convert_to_tensor(value)
