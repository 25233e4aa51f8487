"""A Keras model: from a .keras or .h5 file of Keras 3 or 2, or as a Python file makes it."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workloads.parts.user_models.keras_files import with_slashes, written_by
from workloads.parts.user_models.model import Input, Model, Wanted
from workloads.parts.user_models.words import ModelError, cut, step, worded


def load_keras(path: Path, wanted: Wanted) -> Model:
    """The model of a file. Raises ModelError with the words of the Keras whose file it is."""
    with step(f"loading {path.name}"):
        return of_keras(_load(path, wanted))


def is_keras(model: Any) -> bool:
    """Whether an object is a model of Keras 3 or of Keras 2; imports neither, which takes a second."""
    kerases = [sys.modules[name] for name in ("keras", "tf_keras") if name in sys.modules]
    return any(isinstance(model, keras.Model) for keras in kerases)


def of_keras(model: Any) -> Model:
    """A Keras model as one that is called in inference, its inputs one by one."""
    import tensorflow as tf

    structure = _inputs(model)
    declared = _declared(model) if structure is None else _of_tensors(structure)

    def packed(inputs: Sequence[Any]) -> Any:
        if structure is not None:
            return tf.nest.pack_sequence_as(structure, list(inputs))
        return inputs[0] if len(inputs) == 1 else list(inputs)

    return Model(
        call=lambda *inputs: model(packed(inputs), training=False),
        declared=declared,
        given=None,
        direct="an eager run of the model",
        form=f"a Keras {'3' if _is_of_keras_3(model) else '2'} model, {type(model).__name__}",
        owner=model,
        keras=model,
        variables=_weights(model),
        packed=packed,
    )


def _weights(model: Any) -> list[Any] | None:
    try:
        return model.weights or None
    except ValueError:  # Keras 2 has none of a model that is not built
        return None


def _is_of_keras_3(model: Any) -> bool:
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(model, keras.Model)


def _load(path: Path, wanted: Wanted) -> Any:
    """By the Keras that wrote the file; HDF5 by Keras 3, and by Keras 2 where that fails."""
    if path.suffix == ".keras":
        return _by_keras(2 if written_by(path).startswith("2.") else 3, with_slashes(path), wanted)
    try:
        return _by_keras(3, path, wanted)
    except Exception as error:
        first = error
    try:
        return _by_keras(2, path, wanted)
    except Exception as error:
        raise ModelError(f"loading {path.name}: Keras 3 says {cut(str(first), 120)}; Keras 2 {worded(error)}") from None


def _by_keras(version: int, path: Path, wanted: Wanted) -> Any:
    if version == 2:
        import tf_keras as keras
    else:
        import keras
    model = keras.models.load_model(path, compile=wanted.trained, safe_mode=not wanted.allow_lambda)
    if getattr(model, "optimizer", None) is not None:
        # One that was loaded with its slots may know the variables of another object.
        optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
        if version == 2 or path.suffix == ".h5":  # metrics come back as names that nothing can call
            print("user_model: it is trained without its metrics", file=sys.stderr, flush=True)
            model.compile(optimizer, model.loss)
            model._compile_metrics = None  # Keras 3 keeps them
        else:
            model.optimizer = optimizer
    return model


def _inputs(model: Any) -> Any:
    """The structure of input tensors that a functional or a built sequential model shows; None of any other."""
    for name in ("input", "inputs"):  # a sequential model of Keras 3 shows only the second
        try:
            structure = getattr(model, name)
        except (AttributeError, ValueError):
            continue
        if structure is not None:
            return structure[0] if name == "inputs" and len(structure) == 1 else structure
    return None


def _of_tensors(structure: Any) -> list[Input]:
    import tensorflow as tf

    tensors = tf.nest.flatten(structure)
    keyed = isinstance(structure, dict) and len(structure) == len(tensors)
    # tf.nest takes a dictionary's entries in the order of their sorted keys.
    names = sorted(structure) if keyed else [tensor.name for tensor in tensors]
    return [_input(name, tensor) for name, tensor in zip(names, tensors, strict=True)]


def _input(name: str, tensor: Any) -> Input:
    import tensorflow as tf

    spec = getattr(tensor, "type_spec", None)  # of Keras 2
    ragged = bool(getattr(tensor, "ragged", False)) or isinstance(spec, tf.RaggedTensorSpec)
    return Input(name, tuple(tensor.shape), tf.as_dtype(tensor.dtype).name, ragged)


def _declared(model: Any) -> list[Input] | None:
    """Of a subclassed model that was built: one input of the shape that it was built with."""
    config = getattr(model, "get_build_config", lambda: None)() or {}
    shape = config.get("input_shape")
    if not shape or not all(size is None or isinstance(size, int) for size in shape):
        return None
    return [Input("input", tuple(shape), "float32")]
