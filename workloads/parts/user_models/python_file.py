"""A user's Python file with ``build_model(batch)``."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from workloads.parts.user_models.keras_model import is_keras, of_keras
from workloads.parts.user_models.model import Model, Wanted, structured
from workloads.parts.user_models.words import ModelError, step


def load_python(path: Path, wanted: Wanted) -> Model:
    """What the file's build_model returns, with the inputs that it brings. Raises ModelError."""
    with step(f"importing {path.name}", path):
        module = _imported(path)
    build_model = getattr(module, "build_model", None)
    if not callable(build_model):
        raise ModelError(f"{path.name} has no function build_model(batch), which should return a callable")
    with step(f"calling build_model({wanted.batch}) of {path.name}", path):
        built = build_model(wanted.batch)
    function, given = built if isinstance(built, tuple) and len(built) == 2 else (built, None)
    if not callable(function):
        raise ModelError(
            f"build_model of {path.name} returned {type(function).__name__}; "
            "it should return a callable, or a callable and a tuple of its inputs"
        )
    if given is not None and not isinstance(given, (tuple, list)):
        raise ModelError(f"the inputs that build_model of {path.name} returned are {type(given).__name__}, no tuple")
    model = _callable(function)
    return replace(model, given=None if given is None else list(given), owner=(module, model.owner))


def _imported(path: Path) -> Any:
    # Modules beside it, as for a script that Python is started with; and dataclasses look their module up by its name.
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location("threadmark_user_model", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _callable(function: Any) -> Model:
    if is_keras(function):
        return of_keras(function)
    direct, form = "an eager run of the model", f"a {type(function).__name__} of Python"
    # A tf.Module says it on the method that makes it callable.
    for candidate in (function, function.__call__):
        if (structure := getattr(candidate, "input_signature", None)) is not None:
            return structured(function, (tuple(structure), {}), direct, form, function)
    if (structure := getattr(function, "structured_input_signature", None)) is not None:
        return structured(function, structure, "the loaded function by itself", form, function)
    return Model(function, None, None, direct, form, function, variables=getattr(function, "variables", None))
