"""A SavedModel of TensorFlow 1 or 2, and which of its functions is run."""

from pathlib import Path
from typing import Any

from workloads.parts.user_models.model import Model, Wanted, structured
from workloads.parts.user_models.words import ModelError, step

_DEFAULT = "serving_default"
_DIRECT = "the loaded function by itself"


def load_saved_model(path: Path, wanted: Wanted) -> Model:
    """The function of the signature that is wanted. Raises ModelError if there is no such function, or no choice."""
    with step("loading the SavedModel"):
        loaded = _load(path)
    functions = dict(loaded.signatures) | _methods(loaded)
    name = wanted.signature or _chosen(dict(loaded.signatures) or functions, wanted.fed)
    if name not in functions:
        raise ModelError(f"the SavedModel has no signature {name}; its signatures are {', '.join(functions)}")
    function = functions[name]
    return structured(function, function.structured_input_signature, _DIRECT, f"a SavedModel, called by {name}", loaded)


def _load(path: Path) -> Any:
    import tensorflow as tf

    _revive_optimizers()
    try:
        return tf.saved_model.load(str(path))
    except ValueError as error:
        if "MetaGraph" not in str(error):
            raise
    return tf.saved_model.load(str(path), tags=["serve"])  # of several graphs, the one for inference


def _revive_optimizers() -> None:
    """Let SavedModels load that Keras 2 saved with their optimizer, whose slots the loader asks it for.

    Without a class for the type "optimizer" it meets "'_UserObject' object has no attribute 'add_slot'".
    """
    import tensorflow as tf

    internal = tf.__internal__.saved_model.load

    class Optimizer(tf.__internal__.tracking.AutoTrackable):  # type: ignore[misc]
        """Holds the slots; nothing that runs reads them."""

        def add_slot(self, var: Any, slot_name: str) -> Any:
            """A variable like `var`, which the checkpoint fills."""
            return tf.Variable(tf.zeros(var.shape, var.dtype), trainable=False, name=slot_name)

    # Some Keras may have registered the type before.
    for name in {"optimizer", "experimentalOptimizer"}.difference(internal.registered_identifiers()):
        version = internal.VersionedTypeRegistration(
            object_factory=lambda proto: Optimizer(), version=2, min_producer_version=1, min_consumer_version=1
        )
        internal.register_revived_type(name, lambda value: isinstance(value, Optimizer), versions=[version])


def _methods(loaded: Any) -> dict[str, Any]:
    """Functions that were saved without a signature, by their names: of a tf.Module, or of TensorFlow Hub."""
    names = ["__call__", *(name for name in dir(loaded) if not name.startswith("_"))]
    functions = {name: getattr(getattr(loaded, name, None), "concrete_functions", None) for name in names}
    return {name: _for_inference(concrete) for name, concrete in functions.items() if concrete}


def _for_inference(concrete: list[Any]) -> Any:
    """Of a function's several forms, the first without True among its arguments: `training` is false."""
    import tensorflow as tf

    forms = [form for form in concrete if not any(leaf is True for leaf in tf.nest.flatten(_structure(form)))]
    return (forms or concrete)[0]


def _structure(function: Any) -> Any:
    return function.structured_input_signature


def _chosen(functions: dict[str, Any], fed: bool) -> str:
    """The function that is run where the config names none. Raises ModelError where that is a choice."""
    if not functions:
        raise ModelError("the SavedModel has no function to call: neither a signature nor a method; save it with one")
    if _DEFAULT in functions:
        feedable = [name for name, function in functions.items() if not _strings_only(function)]
        if fed or not feedable or _DEFAULT in feedable:
            return _DEFAULT
        raise ModelError(
            f"the SavedModel's {_DEFAULT} takes strings, such as serialised examples; {_told(functions, feedable)}: "
            f"write `signature: {feedable[0]}`, or give `inputs`"
        )
    if "__call__" in functions or len(functions) == 1:
        return "__call__" if "__call__" in functions else next(iter(functions))
    raise ModelError(
        f"the SavedModel has several signatures and none is {_DEFAULT}: {_told(functions, list(functions))}; "
        f"choose one, as in `signature: {next(iter(functions))}`"
    )


def _strings_only(function: Any) -> bool:
    kinds = [spec.dtype.name for spec in _specs(function)]
    return bool(kinds) and set(kinds) == {"string"}


def _specs(function: Any) -> list[Any]:
    import tensorflow as tf

    return [leaf for leaf in tf.nest.flatten(_structure(function)) if isinstance(leaf, tf.TypeSpec)]


def _told(functions: dict[str, Any], names: list[str]) -> str:
    """Signatures with what they take: ``logits takes x float32 (?, 3)``."""
    declared = {
        name: structured(functions[name], _structure(functions[name]), "", "", None).declared for name in names[:5]
    }
    return "; ".join(f"{name} takes {', '.join(map(str, inputs or []))}" for name, inputs in declared.items())
