"""Inference through fully connected layers, one after another: for intra-op threads to divide, not for inter-op ones.

The square form (width = batch, eight hidden layers) is that of Wang et al. 2021, "Exploiting Parallelism Opportunities
with Deep Learning Frameworks", whose graph has a width of 1: no two products are independent of each other.

Work: 2 · batch · (inputs · width + (layers - 1) · width² + width · outputs) FLOP: `layers` hidden layers with ReLU and
a linear one after them, float32 or the precision that the parameters name. Biases and ReLU are not counted.
Check: 16 examples, spread evenly over the batch, all of their outputs, against NumPy in float64. A layer that is left
out, or whose ReLU is, gives an error of about 1.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from workloads.harness.contract import Parameters, Workload, choice, compare, tolerance, whole
from workloads.parts.graphs import compiled, graph_workload, metric_of_batch
from workloads.vocabulary.record import Check, Work


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes and form."""

    batch: int = whole(512, 1, 16384)  # examples
    width: int = whole(512, 1, 16384)  # units of a hidden layer
    layers: int = whole(8, 1, 128)  # hidden layers
    inputs: int = whole(0, 0, 16384)  # of an example; 0: as width
    outputs: int = whole(0, 0, 16384)  # of the last layer; 0: as width
    precision: str = choice("float32", "bfloat16")  # of inputs, operations and results
    jit_compile: bool = choice(False, True)  # by XLA


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call takes the batch through all layers, in one graph."""
    import tensorflow as tf

    sizes = [params.inputs or params.width, *[params.width] * params.layers, params.outputs or params.width]
    examples = rng.standard_normal((params.batch, sizes[0]), dtype=np.float32)
    # He et al. 2015: values keep their size through ReLU layers.
    weights = [
        rng.standard_normal(shape, dtype=np.float32) * np.float32(np.sqrt(2.0 / shape[0])) for shape in pairwise(sizes)
    ]

    def forward(x: Any, weights: list[Any]) -> Any:
        for hidden in weights[:-1]:
            x = tf.nn.relu(tf.linalg.matmul(x, hidden))
        return tf.linalg.matmul(x, weights[-1])

    graph = compiled(forward, params.jit_compile)
    on_device = tf.cast(examples, params.precision), [tf.cast(weight, params.precision) for weight in weights]
    rows = np.unique(np.linspace(0, params.batch - 1, 16).astype(int))

    def check(output: Any) -> Check:
        x = examples[rows].astype(np.float64)
        for hidden in weights[:-1]:
            x = np.maximum(x @ hidden.astype(np.float64), 0.0)
        reference = x @ weights[-1].astype(np.float64)
        return compare(output.numpy()[rows], reference, tolerance(len(weights)), "NumPy, float64, 16 examples")

    work = Work(2.0 * params.batch * sum(one * other for one, other in pairwise(sizes)), "FLOP")
    return graph_workload(graph, on_device, work, check, metric_of_batch(params.batch))
