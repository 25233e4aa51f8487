"""The ways in which a user's model is called: as a function, as it is, by Keras's predict, or to train."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.parts.graphs import compiled
from workloads.parts.user_models.making_up import Inputs
from workloads.parts.user_models.model import Model
from workloads.parts.user_models.training import training_step
from workloads.parts.user_models.words import ModelError, cut, worded

_FEED = "give it `inputs`"
_AS_IT_IS = "`params: {call: call}` calls it as it is, untraced"

WAYS = ("function", "call", "predict", "predict_on_batch", "train")


@dataclass(frozen=True)
class Way:
    """What one timed call is."""

    call: Callable[[], Any]
    traced: Any | None  # the tf.function; None where the call is eager, or Keras holds it
    differs: bool = False  # from call to call, as training does


def way_of(name: str, model: Model, inputs: Inputs, batch: int, jit_compile: bool, rng: np.random.Generator) -> Way:
    """The call by one of WAYS. Raises ModelError for what only a Keras model has, and for XLA where it cannot be."""
    tensors = inputs.values
    if jit_compile and name not in ("function", "train"):
        raise ModelError(f"jit_compile is for `call: function` and `call: train`, not for {name}")
    if name == "function":
        timed = compiled(model.call, jit_compile)
        return Way(lambda: timed(*tensors), timed)
    if name == "call":
        return Way(lambda: model.call(*tensors), None)
    keras, packed = model.keras, model.packed
    if keras is None or packed is None:
        raise ModelError(
            f"`call: {name}` is for Keras models: .keras, .h5, or a Python file whose build_model returns one; "
            "call this model as a function, or as it is with `call: call`"
        )
    if name == "train":
        step, data = compiled(training_step(keras, packed(tensors), rng), jit_compile), packed(tensors)
        return Way(lambda: step(data), step, differs=True)
    arrays = packed([_array(tensor) for tensor in tensors])  # what people give these methods
    if name == "predict":
        return Way(lambda: keras.predict(arrays, batch_size=batch, verbose=0), None)
    return Way(lambda: keras.predict_on_batch(arrays), None)


def explained(way: Way, name: str, inputs: Inputs) -> Callable[[], Any]:
    """The way's call, with a ModelError that says what the model was called on for whatever it raises."""
    call = way.call

    def told() -> Any:
        try:
            return call()
        except Exception as error:
            raise ModelError(
                f"calling the model on {cut(inputs.told, 120)}: {worded(error, 150)}{_advice(error, name, inputs)}"
            ) from None

    return told


def _advice(error: Exception, name: str, inputs: Inputs) -> str:
    import tensorflow as tf

    if isinstance(error, tf.errors.ResourceExhaustedError):
        return ""
    at_run_time = isinstance(error, tf.errors.OpError)
    advice = [_FEED] * inputs.made_up + [_AS_IT_IS] * (name == "function" and not at_run_time)
    return "".join(f"; {text}" for text in advice)


def _array(tensor: Any) -> Any:
    """The tensor as an array; Keras takes no arrays of strings or ragged rows."""
    import tensorflow as tf

    return tensor.numpy() if isinstance(tensor, tf.Tensor) and tensor.dtype != tf.string else tensor
