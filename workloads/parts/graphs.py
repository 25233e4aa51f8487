"""Workloads that are one TensorFlow function: what the parameter `jit_compile` means, and what a call is."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from workloads.harness.contract import Workload
from workloads.vocabulary.record import Check, Work

Metric = Literal["throughput", "latency"]


def compiled(function: Callable[..., Any], jit_compile: bool) -> Any:
    """`function` as a tf.function, which XLA compiles if `jit_compile` is true.

    False leaves the choice to TensorFlow: XLA compiles nothing unless TF_XLA_FLAGS asks for it.
    """
    import tensorflow as tf

    # None, not False: tf.function takes False as a ban that also overrules TF_XLA_FLAGS.
    return tf.function(function, jit_compile=jit_compile or None)


def graph_workload(
    graph: Any,
    inputs: Sequence[Any],
    work: Work,
    check: Callable[[Any], Check],
    metric: Metric = "throughput",
) -> Workload:
    """Each call runs the tf.function `graph` on the same `inputs`, so one `check` serves the first and the last."""
    return Workload(lambda: graph(*inputs), work, check_first=check, check_last=check, traced=graph, metric=metric)


def metric_of_batch(batch: int) -> Metric:
    """What counts for a model that is given `batch` examples at once: a single one is a request, which waits."""
    return "latency" if batch == 1 else "throughput"
