"""Which of a model's inputs are looked up in a table, and how long it is: read off the traced graph.

A table of 500,000 rows whose first two are looked up lies in the cache, and times another program.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from workloads.parts.user_models.model import Input, Model

# What leaves ids what they are, or moves them by an offset or a default: their way from an input to the lookup.
_PASSING = {
    "AddV2",
    "Cast",
    "ConcatV2",
    "ExpandDims",
    "Identity",
    "Maximum",
    "Minimum",
    "Pack",
    "Reshape",
    "SelectV2",
    "Squeeze",
    "StridedSlice",
    "Transpose",
}
_CALLS = {"PartitionedCall", "StatefulPartitionedCall"}


def table_rows(model: Model) -> dict[int, int]:
    """The number of rows of the smallest table that each input is looked up in, by the input's place.

    Empty where the model cannot be traced: its first call then says why.
    """
    import tensorflow as tf

    if model.declared is None or not any(_may_look_up(model_input, model) for model_input in model.declared):
        return {}
    try:
        specs = [_spec(model_input) for model_input in model.declared]
        graph = tf.function(model.call).get_concrete_function(*specs).graph
    except Exception:
        return {}
    inputs = iter(graph.inputs)
    search = _Search()
    # A ragged input is two tensors: its values, and where its rows begin.
    ids = {
        next(inputs).name: place
        for place, model_input in enumerate(model.declared)
        for _ in range(2 if model_input.ragged else 1)
    }
    search.walk(graph, ids, {})
    return search.rows


def _may_look_up(model_input: Input, model: Model) -> bool:
    """Numbers, floats too: a Keras model's inputs are floats unless somebody says so, also where they are ids."""
    if model.keras is None or model_input.dtype.startswith(("int", "uint")):
        return model_input.dtype not in ("string", "bool")
    layers: list[Any] = list(getattr(model.keras, "_flatten_layers", list)())
    return model_input.dtype.startswith("float") and any(type(layer).__name__ == "Embedding" for layer in layers)


def _spec(model_input: Input) -> Any:
    import tensorflow as tf

    return (
        tf.RaggedTensorSpec(model_input.shape, model_input.dtype, 1)
        if model_input.ragged
        else tf.TensorSpec(model_input.shape, model_input.dtype)
    )


@dataclass
class _Search:
    """Follows inputs through a graph and the functions that it calls."""

    rows: dict[int, int] = field(default_factory=dict)

    def walk(self, graph: Any, ids: dict[str, int], tables: dict[str, Any]) -> None:
        """`ids`: tensor -> the input whose values it holds; `tables`: tensor -> the shape behind its handle."""
        for operation in graph.get_operations():
            names = [tensor.name for tensor in operation.inputs]
            if operation.type in _CALLS:
                self._enter(graph, operation, ids, tables)
            elif operation.type in ("ResourceGather", "GatherV2"):
                self._look_up(operation, ids.get(names[1]), tables)
            elif operation.type == "OneHot" and names[0] in ids:
                self._note(ids[names[0]], _constant(operation.inputs[1]))
            if operation.type == "ReadVariableOp":
                tables[operation.outputs[0].name] = _shape(operation.inputs[0], tables)
            elif operation.type in _PASSING and (carried := [ids[name] for name in names if name in ids]):
                ids |= {output.name: carried[0] for output in operation.outputs}

    def _enter(self, graph: Any, operation: Any, ids: dict[str, int], tables: dict[str, Any]) -> None:
        called = graph._get_function(operation.get_attr("f").name)
        if called is None:
            return
        pairs = list(zip(operation.inputs, called.graph.inputs, strict=False))
        inner = {inside.name: ids[outside.name] for outside, inside in pairs if outside.name in ids}
        shapes = {inside.name: _shape(outside, tables) for outside, inside in pairs}
        if inner:
            self.walk(called.graph, inner, shapes)

    def _look_up(self, operation: Any, place: int | None, tables: dict[str, Any]) -> None:
        if place is None:
            return
        axis = _constant(operation.inputs[2]) if operation.type == "GatherV2" else 0
        shape = _shape(operation.inputs[0], tables)
        if shape is not None and axis is not None and -len(shape) <= axis < len(shape):
            self._note(place, shape[axis])

    def _note(self, place: int, rows: int | None) -> None:
        if rows:
            self.rows[place] = min(rows, self.rows.get(place, rows))


def _shape(tensor: Any, tables: dict[str, Any]) -> tuple[int | None, ...] | None:
    """A tensor's shape; of a variable's handle, the variable's."""
    import tensorflow as tf
    from tensorflow.python.ops import handle_data_util

    if (known := tables.get(tensor.name)) is not None:
        return tuple(known)
    shape = tensor.shape
    if tensor.dtype == tf.resource:
        data = handle_data_util.get_resource_handle_data(tensor)
        if data is None or not data.is_set or not data.shape_and_type:
            return None
        shape = tf.TensorShape(data.shape_and_type[0].shape)
    return None if shape.rank is None else tuple(shape.as_list())


def _constant(tensor: Any) -> int | None:
    import tensorflow as tf

    value = tf.get_static_value(tensor)
    return None if value is None else int(value)
