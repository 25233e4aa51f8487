"""A frozen graph of TensorFlow 1: from its placeholders to what no other operation takes, or as a signature says."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workloads.parts.user_models.model import Input, Model
from workloads.parts.user_models.words import ModelError, step
from workloads.vocabulary.nearest import nearest

_NO_OUTPUT = {"Const", "NoOp", "Assert", "Placeholder", "PlaceholderWithDefault"}

# Between the names of inputs and those of outputs, in `signature`.
_TO = "->"


def load_frozen_graph(path: Path, signature: str = "") -> Model:
    """The graph as one function; `signature`: `input, input -> output`, empty for all of it.

    Raises ModelError if the file holds no graph, one without an end, or none of such a name.
    """
    import tensorflow as tf

    with step(f"loading {path.name}"):
        definition = tf.compat.v1.GraphDef.FromString(path.read_bytes())
        wrapped = tf.compat.v1.wrap_function(lambda: tf.import_graph_def(definition, name=""), [])
        operations = wrapped.graph.get_operations()
        feeds = [operation.outputs[0] for operation in operations if operation.type == "Placeholder"]
        fetches = [output for operation in operations for output in _results(operation)]
        if signature:
            feeds, fetches = _named(signature, operations)
        if not feeds or not fetches:
            raise ModelError(f"{path.name} is a graph without a placeholder, or without a result; give a SavedModel")
        function = wrapped.prune(feeds, fetches)
    declared = [Input(feed.op.name, _shape(feed), feed.dtype.name) for feed in feeds]
    return Model(function, declared, None, "the loaded function by itself", "a frozen graph", wrapped)


def _named(signature: str, operations: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    inputs, arrow, outputs = signature.partition(_TO)
    if not arrow:
        raise ModelError(
            f"`signature: {signature}` says nothing of this graph; write its inputs and outputs: `x, y {_TO} z`"
        )
    known = {operation.name: operation for operation in operations}
    return tuple([_tensor(name.strip(), known) for name in names.split(",")] for names in (inputs, outputs))  # type: ignore[return-value]


def _tensor(name: str, known: dict[str, Any]) -> Any:
    """An operation's output by its name, which may end in :0."""
    operation, _, place = name.partition(":")
    if operation not in known:
        raise ModelError(f"the graph has no operation {operation!r}; {nearest(operation, known)}")
    outputs, number = known[operation].outputs, int(place) if place.isdigit() else 0
    if number >= len(outputs):
        raise ModelError(f"the graph's operation {operation!r} has {len(outputs)} outputs, none of number {number}")
    return outputs[number]


def _results(operation: Any) -> list[Any]:
    if operation.type in _NO_OUTPUT:
        return []
    outputs = list(operation.outputs)
    return [] if any(output.consumers() for output in outputs) else outputs


def _shape(tensor: Any) -> tuple[int | None, ...] | None:
    return None if tensor.shape.rank is None else tuple(tensor.shape.as_list())
