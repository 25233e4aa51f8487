"""A training step of a user's Keras model: its own train_step, on targets that are made up for its loss."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from workloads.parts.user_models.words import ModelError, step

_DEFAULT_LOSS = "mse"


def training_step(model: Any, inputs: Any, rng: np.random.Generator) -> Callable[[Any], Any]:
    """A function of a Keras model's packed inputs that takes one step and gives the losses and metrics.

    The model is compiled as it was; one that never was gets the mean squared error and Keras's own optimizer.
    """
    import tensorflow as tf

    with step("preparing a training step"):
        if getattr(model, "optimizer", None) is None:
            print(f"user_model: it was not compiled; its loss is {_DEFAULT_LOSS}", file=sys.stderr, flush=True)
            model.compile(loss=_DEFAULT_LOSS)
        outputs = model(inputs, training=False)  # builds it where it was not
        if not model.trainable_variables:
            raise ModelError("the model has no weights that could be trained")
        targets = tf.nest.map_structure(
            lambda output, loss: tf.convert_to_tensor(_targets(output, loss, rng)), outputs, _losses(model, outputs)
        )
        # Metrics and slots are variables, which the first step makes; a graph that is traced again must not.
        model.train_on_batch(inputs, targets)
    return lambda x: model.train_step((x, targets))


def _losses(keras: Any, outputs: Any) -> Any:
    """The name of each output's loss, in the outputs' structure."""
    import tensorflow as tf

    loss = _of_compile(keras)
    leaves = tf.nest.flatten(outputs)
    if isinstance(loss, dict):
        names = list(getattr(keras, "output_names", [])) or sorted(loss)
        losses = [loss.get(name) for name in (sorted(outputs) if isinstance(outputs, dict) else names)]
    elif isinstance(loss, (list, tuple)):
        losses = list(loss)
    else:
        losses = [loss] * len(leaves)
    losses += [None] * (len(leaves) - len(losses))
    return tf.nest.pack_sequence_as(outputs, [_name(loss_) for loss_ in losses[: len(leaves)]])


def _of_compile(keras: Any) -> Any:
    config = getattr(keras, "_compile_loss", None)  # of Keras 3
    loss = getattr(config, "_user_loss", None)
    return loss if loss is not None else (None if callable(getattr(type(keras), "loss", None)) else keras.loss)


def _name(loss: Any) -> str:
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", None) or type(loss).__name__
    return str(name).replace("_", "").lower()


def _targets(output: Any, loss: str, rng: np.random.Generator) -> Any:
    """For an output of any shape: class numbers, one class of all, or numbers from 0 to 1, as the loss takes them."""
    shape = tuple(output.shape)
    if "categorical" in loss:
        classes = rng.integers(0, shape[-1], shape[:-1])
        return classes.astype("int64") if "sparse" in loss else np.eye(shape[-1], dtype="float32")[classes]
    return np.asarray(rng.uniform(0, 1, shape)).astype("float32")
