"""Many operations one after another, run one by one from Python or as one graph: what tf.function gives.

One file for both executions, so that they can be compared within a round. The larger an operation, the less
it matters who starts it. A graph may also fuse: the product takes the bias with it.

Work: layers · 2 n³ FLOP. A layer is x ← (x W + b) s: a product, a sum and a product by elements, float32, x and W of
n x n, b and s vectors of n. The last two are not counted.
Check: 16 rows of x, spread evenly from the first to the last, against NumPy in float64. Each layer turns x about
one centre, so none damps or swells what came before: a layer left out gives an error of about 1.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.harness.contract import Parameters, Workload, choice, compare, tolerance, whole
from workloads.parts.orthogonal import orthogonal
from workloads.vocabulary.record import Check, Work


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes and execution."""

    execution: str = choice("eager", "graph")
    n: int = whole(32, 8, 4096)  # rows and columns
    layers: int = whole(256, 1, 1024)  # of three operations each, one after another


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call takes x through all layers."""
    import tensorflow as tf

    x = rng.standard_normal((params.n, params.n), dtype=np.float32)
    (w,) = orthogonal(1, params.n, rng)
    s = rng.choice(np.array([-1.0, 1.0], dtype=np.float32), params.n)
    # W is orthogonal and s holds signs: with this bias the layer keeps the centre where it is, and x as far from it.
    centre = rng.standard_normal(params.n, dtype=np.float32) / np.float32(2.0)
    b = centre * s - centre @ w

    def through_layers(x: Any, w: Any, b: Any, s: Any) -> Any:
        for _ in range(params.layers):
            x = tf.multiply(tf.nn.bias_add(tf.linalg.matmul(x, w), b), s)
        return x

    graph = tf.function(through_layers) if params.execution == "graph" else None
    run = graph or through_layers
    on_device = [tf.constant(array) for array in (x, w, b, s)]
    rows = np.unique(np.linspace(0, params.n - 1, 16).astype(int))

    def check(output: Any) -> Check:
        reference = x[rows].astype(np.float64)
        for _ in range(params.layers):
            reference = (reference @ w + b) * s
        return compare(output.numpy()[rows], reference, tolerance(params.layers), "NumPy, float64, 16 rows")

    return Workload(
        call=lambda: run(*on_device),
        work=Work(2.0 * params.layers * params.n**3, "FLOP"),
        check_first=check,
        check_last=check,
        traced=graph,
    )
