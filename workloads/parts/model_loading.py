"""A user's model, loaded: a SavedModel's folder, a .keras file, or a Python file with ``build_model(batch)``.

What goes wrong in here is a ModelError whose one sentence carries the loader's own words: the last lines of
standard error are all that a record keeps.
"""

import importlib.util
import random
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workloads.parts.model_inputs import Input, ModelError

_WORDS = 250  # of a loader's message, in characters: a line of a record has 400


@dataclass(frozen=True)
class Model:
    """A model that can be called."""

    call: Callable[..., Any]  # takes the inputs one by one, in the order of `declared`
    declared: list[Input] | None  # None: it does not say
    given: list[Any] | None  # the inputs that a Python file brings
    direct: str  # what a call outside the timed graph is
    owner: Any  # kept, because a SavedModel's variables live as long as the object that was loaded


def load(path: Path, batch: int, seed: int) -> Model:
    """Load the model; raises ModelError if it does not load. `seed` fixes weights that a Python file draws."""
    import tensorflow as tf

    random.seed(seed)
    np.random.seed(seed)
    tf.random.set_seed(seed)
    if path.is_dir():
        return _saved_model(path)
    if path.suffix == ".keras":
        with step(f"loading {path.name}"):
            return _keras(tf.keras.models.load_model(path, compile=False))
    return _python(path, batch)


@contextmanager
def step(doing: str, file: Path | None = None) -> Iterator[None]:
    """Say what is being done, for a process that does not come back from it; raise what goes wrong as ModelError.

    `file` is the user's own Python file, whose line the sentence then names.
    """
    print(f"user_model: {doing}", file=sys.stderr, flush=True)
    try:
        yield
    except ModelError:
        raise
    except SystemExit as end:
        raise ModelError(f"{doing}{_line(end, file)}: it called sys.exit({end.code!r})") from None
    except Exception as error:
        words = " ".join(str(error).split())[:_WORDS]
        raise ModelError(f"{doing}{_line(error, file)}: {type(error).__name__}: {words}") from None


def _line(error: BaseException, file: Path | None) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if file is not None and frame.filename == str(file)]
    return f" (line {lines[-1]})" if lines else ""


def _saved_model(path: Path) -> Model:
    import tensorflow as tf

    with step("loading the SavedModel"):
        loaded = tf.saved_model.load(str(path))
    signatures = dict(loaded.signatures)
    if signatures:
        if "serving_default" not in signatures and len(signatures) > 1:
            raise ModelError(
                f"the SavedModel has the signatures {', '.join(sorted(signatures))}; name one of them serving_default"
            )
        function = signatures.get("serving_default") or next(iter(signatures.values()))
        concrete = function
    else:
        function = loaded
        found = list(getattr(loaded.__call__, "concrete_functions", [])) if callable(loaded) else []
        if len(found) != 1:
            raise ModelError(f"the SavedModel has no signature and {len(found)} callables; save it with one signature")
        concrete = found[0]
    return _structured(function, concrete.structured_input_signature, "the loaded function by itself", loaded)


def _structured(function: Any, structure: Any, direct: str, owner: Any) -> Model:
    """A function whose inputs are the TensorSpecs of a structure of (args, kwargs); other leaves go in as they are."""
    import tensorflow as tf

    leaves = tf.nest.flatten(structure)
    places = [place for place, leaf in enumerate(leaves) if isinstance(leaf, tf.TypeSpec)]
    args, kwargs = structure
    # tf.nest takes a dictionary's entries in the order of their sorted keys.
    names = sorted(kwargs) if not args and len(kwargs) == len(places) else [leaves[place].name for place in places]

    def call(*inputs: Any) -> Any:
        filled = list(leaves)
        for place, value in zip(places, inputs, strict=True):
            filled[place] = value
        args, kwargs = tf.nest.pack_sequence_as(structure, filled)
        return function(*args, **kwargs)

    declared = [
        _input(leaves[place], name, order) for order, (place, name) in enumerate(zip(places, names, strict=True))
    ]
    return Model(call, declared, None, direct, owner)


def _input(spec: Any, name: str | None, order: int) -> Input:
    import tensorflow as tf

    name = name or f"input_{order}"
    if not isinstance(spec, tf.TensorSpec):
        raise ModelError(f"input {name} is a {type(spec).__name__}, no dense tensor; wrap the model in a Python file")
    return Input(name, None if spec.shape.rank is None else tuple(spec.shape.as_list()), spec.dtype.name)


def _keras(model: Any) -> Model:
    # A subclassed model, and a Sequential one that is not built, have no inputs to show.
    tensors = getattr(model, "inputs", None)
    declared = [Input(one.name, tuple(one.shape), one.dtype) for one in tensors] if tensors else None
    return Model(
        call=lambda *inputs: model(inputs[0] if len(inputs) == 1 else list(inputs), training=False),
        declared=declared,
        given=None,
        direct="an eager run of the model",
        owner=model,
    )


def _python(path: Path, batch: int) -> Model:
    with step(f"importing {path.name}", path):
        spec = importlib.util.spec_from_file_location("threadmark_user_model", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    build_model = getattr(module, "build_model", None)
    if not callable(build_model):
        raise ModelError(f"{path.name} has no function build_model(batch), which should return a callable")
    with step(f"calling build_model({batch}) of {path.name}", path):
        built = build_model(batch)
    function, given = built if isinstance(built, tuple) and len(built) == 2 else (built, None)
    if not callable(function):
        raise ModelError(
            f"build_model of {path.name} returned {type(function).__name__}; "
            "it should return a callable, or a callable and a tuple of its inputs"
        )
    if given is not None and not isinstance(given, (tuple, list)):
        raise ModelError(f"the inputs that build_model of {path.name} returned are {type(given).__name__}, no tuple")
    model = _callable(function)
    return Model(model.call, model.declared, None if given is None else list(given), model.direct, module)


def _callable(function: Any) -> Model:
    # Importing Keras takes a second, and there is no Keras model unless somebody has imported it.
    if (keras := sys.modules.get("keras")) is not None and isinstance(function, keras.Model):
        return _keras(function)
    direct = "an eager run of the model"
    if (structure := getattr(function, "input_signature", None)) is not None:
        return _structured(function, (tuple(structure), {}), direct, function)
    if (structure := getattr(function, "structured_input_signature", None)) is not None:
        return _structured(function, structure, "the loaded function by itself", function)
    return Model(function, None, None, direct, function)
