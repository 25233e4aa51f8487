"""A recommender of DLRM's kind (Naumov et al. 2019): large embedding tables, small dense layers.

Looking up rows is bound by memory's latency and the tables are independent of each other: inter-op threads
can fetch them side by side, while the dense layers are small. Batch 1 is the latency of a request.
precision "mixed" computes in bfloat16 with float32 weights and tables.

Work: batch examples, each with 13 numbers and `lookups` rows of each table.
Check: the logits of the first and the last 8 examples against NumPy in float64 from the same tables. A table in
another's place, or a pair of vectors left out, shows in all of them.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.harness.contract import Parameters, Workload, choice, compare, tolerance, whole
from workloads.parts.graphs import compiled, graph_workload, metric_of_batch
from workloads.parts.keras_models import computing_in, draw_weights, operations
from workloads.vocabulary.record import Check, Work

_NUMBERS = 13  # of an example, as in the Criteo data that DLRM was made for
_BOTTOM, _TOP = (512, 256), (512, 256)  # widths of the hidden layers
_ACTIONS = 16  # what is predicted of an example: clicks, likes, …; of one logit alone an error has no scale

Array = NDArray[Any]


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes and forms."""

    batch: int = whole(1024, 1, 65536)  # examples; 1 gives latency
    tables: int = whole(8, 1, 64)
    rows: int = whole(100_000, 2, 4_000_000)  # of a table
    width: int = whole(64, 1, 512)  # of a row
    lookups: int = whole(8, 1, 256)  # rows of each table for one example; their sum is what counts
    precision: str = choice("float32", "mixed")
    jit_compile: bool = choice(False, True)  # by XLA


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call gives the logits of all examples, in one graph."""
    import tensorflow as tf

    numbers = rng.standard_normal((params.batch, _NUMBERS), dtype=np.float32)
    chosen = rng.integers(params.rows, size=(params.batch, params.tables, params.lookups), dtype=np.int32)
    with computing_in(params.precision):
        model = _model(params)
    draw_weights(model, rng)
    graph = compiled(lambda *inputs: model(inputs, training=False), params.jit_compile)
    on_device = tf.constant(numbers), tf.constant(chosen)
    some = sorted({*range(min(8, params.batch)), *range(max(0, params.batch - 8), params.batch)})

    def check(output: Any) -> Check:
        reference = _forward(model, params, numbers[some], chosen[some])
        # The dense layers and the pairs' products between them; bfloat16 rounds both what goes in and what comes out.
        allowed = tolerance(2 * (len(_BOTTOM) + len(_TOP) + 3))
        return compare(output.numpy()[some], reference, allowed, "NumPy, float64, first and last 8 examples")

    work = Work(float(params.batch), "example")
    return graph_workload(graph, on_device, work, check, metric=metric_of_batch(params.batch))


def _model(params: Params) -> Any:
    """Numbers (batch x 13) and chosen rows (batch x tables x lookups) in, logits (batch x 16) out."""
    import tensorflow as tf

    layers, ops = tf.keras.layers, operations()
    numbers = tf.keras.Input((_NUMBERS,))
    chosen = tf.keras.Input((params.tables, params.lookups), dtype="int32")
    bottom = numbers
    for place, width in enumerate((*_BOTTOM, params.width)):
        bottom = layers.Dense(width, activation="relu", name=f"bottom_{place}")(bottom)
    vectors = [bottom]
    for t in range(params.tables):
        rows = layers.Embedding(params.rows, params.width, name=f"table_{t}")(chosen[:, t])
        vectors.append(ops.sum(rows, axis=1))
    stacked = ops.stack(vectors, axis=1)
    products = ops.matmul(stacked, ops.transpose(stacked, (0, 2, 1)))
    left, right = _pairs(params.tables)
    pairs = ops.take(ops.reshape(products, (-1, (params.tables + 1) ** 2)), left * (params.tables + 1) + right, axis=1)
    x = layers.concatenate([bottom, pairs])
    for place, width in enumerate(_TOP):
        x = layers.Dense(width, activation="relu", name=f"top_{place}")(x)
    return tf.keras.Model((numbers, chosen), layers.Dense(_ACTIONS, name=f"top_{len(_TOP)}")(x))


def _pairs(tables: int) -> tuple[Array, Array]:
    """Which vectors are multiplied with which: each with each once, none with itself; 0 is the bottom's."""
    left, right = np.triu_indices(tables + 1, k=1)
    return left.astype(np.int32), right.astype(np.int32)


def _forward(model: Any, params: Params, numbers: Array, chosen: Array) -> Array:
    """The definition of the model: the same shapes as its own, in float64."""

    def dense(name: str, x: Array) -> Array:
        weights, biases = (value.astype(np.float64) for value in model.get_layer(name).get_weights())
        return np.asarray(x @ weights + biases)

    bottom = numbers.astype(np.float64)
    for place in range(len(_BOTTOM) + 1):
        bottom = np.maximum(dense(f"bottom_{place}", bottom), 0.0)
    vectors = [bottom]
    for t in range(params.tables):
        table = model.get_layer(f"table_{t}").get_weights()[0]
        vectors.append(table[chosen[:, t]].sum(axis=1, dtype=np.float64))
    left, right = _pairs(params.tables)
    x = np.concatenate(
        [bottom, *((vectors[i] * vectors[j]).sum(1)[:, None] for i, j in zip(left, right, strict=True))], 1
    )
    for place in range(len(_TOP)):
        x = np.maximum(dense(f"top_{place}", x), 0.0)
    return dense(f"top_{len(_TOP)}", x)
