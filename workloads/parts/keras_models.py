"""Keras models with drawn weights, and what they must give by the definition of their layers, in NumPy.

All weights come from NumPy's generator, so that a seed means the same on every device and version of Keras.
Biases and the statistics of batch normalization are drawn too: at the zeros and ones that Keras sets, leaving
out a normalization would change nothing.
"""

import math
import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.harness.contract import Workload, compare
from workloads.parts.graphs import compiled, graph_workload, metric_of_batch
from workloads.vocabulary.record import Check, Work

Array = NDArray[Any]

# What stands between the layers of a model of Keras 2, by TensorFlow's names.
_OPERATORS = {"__operators__.add": operator.add, "math.add": operator.add, "math.multiply": operator.mul}


@contextmanager
def computing_in(precision: str) -> Iterator[None]:
    """What Keras builds inside computes in float32, or for "mixed" in bfloat16 with float32 weights."""
    import tensorflow as tf

    if hasattr(tf.keras, "config"):
        current, choose = tf.keras.config.dtype_policy, tf.keras.config.set_dtype_policy
    else:  # Keras 2
        current, choose = tf.keras.mixed_precision.global_policy, tf.keras.mixed_precision.set_global_policy
    before = current()
    choose({"float32": "float32", "mixed": "mixed_bfloat16"}[precision])
    try:
        yield
    finally:
        choose(before)


def path_of(variable: Any) -> str:
    """Where a variable stands in its model: layer/kernel."""
    path: str = variable.path if hasattr(variable, "path") else variable.name.partition(":")[0]  # of Keras 2
    return path


def operations() -> Any:
    """What a model does between its layers: Keras's own operations, or in Keras 2 TensorFlow's of these names."""
    import tensorflow as tf

    if hasattr(tf.keras, "ops"):
        return tf.keras.ops
    return SimpleNamespace(
        sum=tf.reduce_sum,
        stack=tf.stack,
        matmul=tf.matmul,
        transpose=tf.transpose,
        take=tf.gather,
        reshape=tf.reshape,
    )


def draw_weights(model: Any, rng: np.random.Generator) -> None:
    """Give each variable of a model or layer a new value that keeps activations of order one."""
    for variable in model.variables:
        variable.assign(_drawn(path_of(variable), tuple(variable.shape), rng))


def _drawn(path: str, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    if path.endswith(("/gamma", "/moving_variance")):
        return rng.uniform(0.5, 1.5, shape).astype(np.float32)
    values = rng.standard_normal(shape, dtype=np.float32)
    if path.endswith("/embeddings"):
        return values * np.float32(shape[-1] ** -0.25)  # the dot product of two rows is then of order one
    if not path.endswith("kernel"):
        return values * np.float32(0.1)
    if "depthwise" in path:
        inputs = math.prod(shape[:2])  # each channel sees itself only
    elif path.endswith(("query/kernel", "key/kernel", "value/kernel")):
        inputs = shape[0]  # the other two axes are heads and a head's width
    else:
        inputs = math.prod(shape[:-1])
    return values * np.float32(math.sqrt(2.0 / inputs))  # He et al. 2015: values keep their size through ReLU layers


def draw_images(batch: int, size: int, rng: np.random.Generator) -> Array:
    """Images (batch x size x size x 3) of noise, each on a colour of its own: of noise alone all logits are alike."""
    colours = rng.standard_normal((batch, 1, 1, 3), dtype=np.float32)
    return colours + rng.standard_normal((batch, size, size, 3), dtype=np.float32)


def classifier(model: Any, images: Array, jit_compile: bool, allowed: float) -> Workload:
    """One call classifies all images: batch x size x size x 3 in, logits of batch x 1000 out.

    `model` is one of ``keras.applications`` that `forward` knows the layers of; `allowed` is the relative error.
    """
    import tensorflow as tf

    graph = compiled(lambda batch: model(batch, training=False), jit_compile)
    on_device = tf.constant(images)
    ends = sorted({0, len(images) - 1})
    kernels = {layer: kernel for layer in model.layers if (kernel := _kernel(layer)) is not None}
    multiplications = sum(math.prod(kernels[layer].shape) * math.prod(layer.output.shape[1:-1]) for layer in kernels)

    @cache
    def reference() -> Array:
        return forward(model, images[ends])

    def check(output: Any) -> Check:
        return compare(output.numpy()[ends], reference(), allowed, "NumPy, float64, first and last image")

    work = Work(2.0 * len(images) * multiplications, "FLOP")
    return graph_workload(graph, [on_device], work, check, metric=metric_of_batch(len(images)))


def _kernel(layer: Any) -> Any | None:
    """What a layer multiplies by, which Keras 2 calls by another name in depthwise convolutions."""
    return getattr(layer, "kernel", getattr(layer, "depthwise_kernel", None))


def forward(model: Any, inputs: Array) -> Array:
    """A functional Keras model's output in float64, from its wiring and its weights; no TensorFlow operation runs.

    Raises KeyError for a kind of layer that is not defined here.
    """
    x = inputs.astype(np.float64)
    through_graph = getattr(model, "_run_through_graph", None)
    output: Array = _through_keras_2(model, x) if through_graph is None else through_graph(x, _definition)
    return output


def _through_keras_2(model: Any, x: Array) -> Array:
    """The same along the nodes of a model of Keras 2, which has no walk of its own to offer."""
    import tensorflow as tf

    values: dict[int, Array] = {id(model.inputs[0]): x}
    for depth in sorted(model._nodes_by_depth, reverse=True):
        for node in model._nodes_by_depth[depth]:
            if node.is_input:
                continue
            operands = [*node.call_args, *(node.call_kwargs[name] for name in ("x", "y") if name in node.call_kwargs)]
            given = tf.nest.map_structure(lambda tensor: values.get(id(tensor), tensor), operands)
            values[id(node.outputs)] = _definition(node.layer)(*given)
    return values[id(model.outputs[0])]


def _definition(layer: Any) -> Callable[..., Array]:
    weights = [np.asarray(value, dtype=np.float64) for value in getattr(layer, "get_weights", list)()]
    define = _DEFINITIONS[type(layer).__name__]
    return lambda *inputs, **_: define(layer, weights, *inputs)


def _convolution(layer: Any, weights: list[Array], x: Array) -> Array:
    """Images (batch x rows x columns x channels) with the kernel laid on each place; bias if there is one."""
    kernel, (step, _) = weights[0], layer.strides
    if layer.padding == "same":
        x = np.pad(
            x, ((0, 0), *(_same(n, k, step) for n, k in zip(x.shape[1:3], kernel.shape[:2], strict=True)), (0, 0))
        )
    rows, columns = ((n - k) // step + 1 for n, k in zip(x.shape[1:3], kernel.shape[:2], strict=True))
    total: Any = 0.0
    for i, j in np.ndindex(kernel.shape[:2]):
        seen = x[:, i : i + step * rows : step, j : j + step * columns : step]
        # A depthwise kernel (rows x columns x channels x 1) keeps the channels apart.
        apart = "Depthwise" in type(layer).__name__
        total = total + (seen * kernel[i, j, :, 0] if apart else _product(seen, kernel[i, j]))
    return np.asarray(total + (weights[1] if layer.use_bias else 0.0))


def _product(x: Array, matrix: Array) -> Array:
    # In one piece: NumPy takes stacks of small matrices, and those with gaps, the slow way.
    return (x.reshape(-1, len(matrix)) @ matrix).reshape(*x.shape[:-1], -1)


def _same(n: int, kernel: int, step: int) -> tuple[int, int]:
    """TensorFlow's SAME padding before and after: the odd one comes after."""
    total = max((math.ceil(n / step) - 1) * step + kernel - n, 0)
    return total // 2, total - total // 2


def _normalization(layer: Any, weights: list[Array], x: Array) -> Array:
    gamma, beta, mean, variance = weights
    return np.asarray(gamma * (x - mean) / np.sqrt(variance + layer.epsilon) + beta)


def _pooling(layer: Any, _: list[Array], x: Array) -> Array:
    """The maximum of each window, no padding."""
    windows = np.lib.stride_tricks.sliding_window_view(x, layer.pool_size, axis=(1, 2))
    return np.asarray(windows[:, :: layer.strides[0], :: layer.strides[1]].max(axis=(-2, -1)))


def _activation(layer: Any, _: list[Array], x: Array) -> Array:
    kinds: dict[str, Callable[[], Array]] = {
        "relu": lambda: np.maximum(x, 0.0),
        "hard_silu": lambda: x * np.clip(x / 6.0 + 0.5, 0.0, 1.0),
        "linear": lambda: x,
    }
    return kinds[layer.activation.__name__]()


# Sums and products of layers take one list, those of operators (x + 3) take two operands.
_DEFINITIONS: dict[str, Callable[..., Any]] = {
    "Conv2D": _convolution,
    "DepthwiseConv2D": _convolution,
    "BatchNormalization": _normalization,
    "Dense": lambda _, weights, x: x @ weights[0] + weights[1],
    "Activation": _activation,
    "ReLU": lambda layer, _, x: np.clip(x, 0.0, layer.max_value),
    "Add": lambda _, __, x, *y: sum([x, *y] if y else x),
    "Multiply": lambda _, __, x, *y: math.prod([x, *y] if y else x),
    "MaxPooling2D": _pooling,
    "GlobalAveragePooling2D": lambda layer, _, x: x.mean(axis=(1, 2), keepdims=layer.keepdims),
    "ZeroPadding2D": lambda layer, _, x: np.pad(x, ((0, 0), *layer.padding, (0, 0))),
    "Dropout": lambda _, __, x: x,
    "Flatten": lambda _, __, x: x.reshape(len(x), -1),
    # Operators between the layers of Keras 2.
    "TFOpLambda": lambda layer, _, *operands: _OPERATORS[layer.symbol](*operands),
}
