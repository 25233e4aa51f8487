"""A transformer encoder of BERT's kind (Devlin et al. 2018), as Keras builds it: language models' inference.

Large dense products, and between them softmax and normalizations that are bound by memory. 12 layers of
width 768 are BERT-base; the default is four of its layers. Words are not looked up: a call starts from their
vectors. precision "mixed" computes in bfloat16 with float32 weights.

Work: layers · batch · (24 · sequence · width² + 4 · sequence² · width) FLOP: the products of attention and
of a feed-forward part that is four times as wide; softmax, GELU and normalizations are not counted.
Check: the last sequence of the batch, all positions, against NumPy in float64. A layer normalization, a head
or the scale of the attention's scores left out shows in all values.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.harness.contract import Parameters, Workload, choice, compare, tolerance, whole
from workloads.parts.graphs import compiled, graph_workload, metric_of_batch
from workloads.parts.keras_models import computing_in, draw_weights
from workloads.vocabulary.record import Check, Work

_HEAD = 64  # a head's width, as in BERT
_EPSILON = 1e-6  # of the layer normalizations

Array = NDArray[Any]


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes and forms."""

    batch: int = whole(1, 1, 256)  # sequences; 1 gives latency
    layers: int = whole(4, 1, 24)
    width: int = whole(768, 64, 4096)  # of a word's vector, a multiple of 64: 64 for each head
    sequence: int = whole(128, 1, 2048)  # words
    precision: str = choice("float32", "mixed")
    jit_compile: bool = choice(False, True)  # by XLA

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.width % _HEAD:
            raise ValueError(f"width: {self.width} is not a multiple of {_HEAD}, the width of a head")


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call takes the batch through all layers, in one graph."""
    import tensorflow as tf

    words = rng.standard_normal((params.batch, params.sequence, params.width), dtype=np.float32)
    with computing_in(params.precision):
        model = _encoder(params)
    draw_weights(model, rng)
    graph = compiled(lambda batch: model(batch, training=False), params.jit_compile)
    on_device = tf.constant(words)

    @cache
    def reference() -> Array:
        weights = iter([value.astype(np.float64) for value in model.get_weights()])
        x: Array = words[-1].astype(np.float64)
        for _ in range(params.layers):
            x = _layer(x, *(next(weights) for _ in range(16)))
        return x

    def check(output: Any) -> Check:
        # Six products in a row make a layer.
        return compare(output.numpy()[-1], reference(), tolerance(6 * params.layers), "NumPy, float64, last sequence")

    per_sequence = 24.0 * params.sequence * params.width**2 + 4.0 * params.sequence**2 * params.width
    work = Work(params.layers * params.batch * per_sequence, "FLOP")
    return graph_workload(graph, [on_device], work, check, metric=metric_of_batch(params.batch))


def _encoder(params: Params) -> Any:
    import tensorflow as tf

    layers = tf.keras.layers
    x = words = tf.keras.Input((params.sequence, params.width))
    for _ in range(params.layers):
        seen = layers.MultiHeadAttention(params.width // _HEAD, _HEAD)(x, x)
        x = layers.LayerNormalization(epsilon=_EPSILON)(layers.add([x, seen]))
        inner = layers.Dense(4 * params.width, activation=_gelu)(x)
        x = layers.LayerNormalization(epsilon=_EPSILON)(layers.add([x, layers.Dense(params.width)(inner)]))
    return tf.keras.Model(words, x)


def _gelu(x: Any) -> Any:
    import tensorflow as tf

    return tf.nn.gelu(x, approximate=True)  # by tanh, as BERT's own code has it


def _layer(
    x: Array, q: Array, q0: Array, k: Array, k0: Array, v: Array, v0: Array, o: Array, o0: Array, *rest: Array
) -> Array:
    """The definition of a layer: words x width in and out.

    q, k and v are width x heads x head, o is heads x head x width; the arrays that end in 0 are their biases.
    `rest`: gain and bias of a normalization, two dense layers' weights and biases, another normalization's.
    """
    gain_1, bias_1, up, up_0, down, down_0, gain_2, bias_2 = rest
    queries, keys, values = (
        np.einsum("sw,whd->hsd", x, w, optimize=True) + b[:, None] for w, b in ((q, q0), (k, k0), (v, v0))
    )
    scores = np.exp(queries @ keys.swapaxes(1, 2) / np.sqrt(_HEAD))
    seen = (scores / scores.sum(axis=-1, keepdims=True)) @ values
    x = _normal(x + np.einsum("hsd,hdw->sw", seen, o, optimize=True) + o0, gain_1, bias_1)
    inner = x @ up + up_0
    inner *= 0.5 + 0.5 * np.tanh(np.sqrt(2.0 / np.pi) * (inner + 0.044715 * inner**3))
    return _normal(x + inner @ down + down_0, gain_2, bias_2)


def _normal(x: Array, gain: Array, bias: Array) -> Array:
    centred = x - x.mean(axis=-1, keepdims=True)
    return np.asarray(gain * centred / np.sqrt(centred.var(axis=-1, keepdims=True) + _EPSILON) + bias)
