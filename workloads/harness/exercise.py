"""What TensorFlow is made to do while a census notes its questions: steps with names, in an order. Nothing is timed."""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.harness.contract import find, known

STEADY_CALLS = 3


@dataclass(frozen=True)
class Step:
    """Something to do, by a name."""

    name: str
    run: Callable[[], Any]
    workload: str | None = None  # whose call it is


def tensorflow() -> Iterator[Step]:
    """The parts of TensorFlow, one after another."""
    yield Step("import", lambda: importlib.import_module("tensorflow"))
    import tensorflow as tf

    values = np.random.default_rng(1).standard_normal((64, 64)).astype(np.float32)
    images = np.random.default_rng(2).standard_normal((2, 32, 32, 8)).astype(np.float32)
    filters = np.random.default_rng(3).standard_normal((3, 3, 8, 8)).astype(np.float32)

    def convolved(x: Any, w: Any) -> Any:
        return tf.nn.relu(tf.nn.conv2d(x, w, 1, "SAME"))

    graph = tf.function(convolved)
    compiled = tf.function(lambda x: tf.nn.softmax(x) * 2, jit_compile=True)

    def pipeline() -> None:
        data = tf.data.Dataset.range(64).shuffle(16).map(lambda v: v + 1, num_parallel_calls=tf.data.AUTOTUNE)
        list(data.batch(8).prefetch(tf.data.AUTOTUNE))

    def keras() -> None:
        model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(4)])
        model.compile("adam", "mse")
        model.fit(np.ones((8, 3), np.float32), np.ones((8, 4), np.float32), verbose=0)
        model.predict(np.ones((8, 3), np.float32), verbose=0)

    def saved() -> None:
        module = tf.Module()
        module.f = tf.function(lambda x: x + 1, input_signature=[tf.TensorSpec([None])])
        tf.saved_model.save(module, "/tmp/census-model")
        tf.saved_model.load("/tmp/census-model").f(tf.ones([2]))

    def profiled() -> None:
        tf.profiler.experimental.start("/tmp/census-profile")
        graph(images, filters)
        tf.profiler.experimental.stop()

    def steady() -> None:
        for _ in range(STEADY_CALLS):
            tf.linalg.matmul(values, values)
            graph(images, filters)
            compiled(values)

    yield Step("context start", tf.config.list_logical_devices)
    yield Step("first operation", lambda: tf.linalg.matmul(values, values).numpy())
    yield Step("function", lambda: graph(images, filters))
    yield Step("XLA", lambda: compiled(values))
    yield Step("tf.data", pipeline)
    yield Step("Keras", keras)
    yield Step("SavedModel", saved)
    yield Step("profiler", profiled)
    yield Step("steady calls", steady)


def workloads() -> Iterator[Step]:
    """Each workload's first call and the ones after it, as they are by default."""
    modules = {name: find(name) for name in known()}

    def start() -> None:
        import tensorflow as tf

        for module in modules.values():
            if (prepare := getattr(module, "prepare", None)) is not None:
                prepare(module.Params())  # before the context starts, or not at all
        tf.config.list_logical_devices()

    yield Step("start before workloads", start)
    for name, module in modules.items():
        yield from _of_workload(name, module)


def _of_workload(name: str, module: Any) -> Iterator[Step]:
    built: list[Any] = []

    def first() -> None:
        built.append(module.build(module.Params(), np.random.default_rng(1)))
        built[0].call()

    def steady() -> None:
        for _ in range(STEADY_CALLS if built else 0):
            built[0].call()

    yield Step(f"{name}: first call", first, name)
    yield Step(f"{name}: steady calls", steady, name)


SUBJECTS: dict[str, Callable[[], Iterator[Step]]] = {"tensorflow": tensorflow, "workloads": workloads}
