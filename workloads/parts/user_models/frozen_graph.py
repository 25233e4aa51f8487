"""A frozen graph of TensorFlow 1: its placeholders are the inputs, what no other operation takes the outputs."""

from pathlib import Path
from typing import Any

from workloads.parts.user_models.model import Input, Model
from workloads.parts.user_models.words import ModelError, step

_NO_OUTPUT = {"Const", "NoOp", "Assert", "Placeholder", "PlaceholderWithDefault"}


def load_frozen_graph(path: Path) -> Model:
    """The whole graph as one function. Raises ModelError if the file holds no graph, or one without an end."""
    import tensorflow as tf

    with step(f"loading {path.name}"):
        definition = tf.compat.v1.GraphDef.FromString(path.read_bytes())
        wrapped = tf.compat.v1.wrap_function(lambda: tf.import_graph_def(definition, name=""), [])
        operations = wrapped.graph.get_operations()
        feeds = [operation.outputs[0] for operation in operations if operation.type == "Placeholder"]
        fetches = [output for operation in operations for output in _results(operation)]
        if not feeds or not fetches:
            raise ModelError(f"{path.name} is a graph without a placeholder, or without a result; give a SavedModel")
        function = wrapped.prune(feeds, fetches)
    declared = [Input(feed.op.name, _shape(feed), feed.dtype.name) for feed in feeds]
    return Model(function, declared, None, "the loaded function by itself", "a frozen graph", wrapped)


def _results(operation: Any) -> list[Any]:
    if operation.type in _NO_OUTPUT:
        return []
    outputs = list(operation.outputs)
    return [] if any(output.consumers() for output in outputs) else outputs


def _shape(tensor: Any) -> tuple[int | None, ...] | None:
    return None if tensor.shape.rank is None else tuple(tensor.shape.as_list())
