"""A chain of elementwise operations on one large tensor: what memory and vector instructions bound.

Run one by one, each operation streams the tensor through memory; XLA (`jit_compile`) fuses the chain into one
pass, and bfloat16 halves the bytes.

Work: 2 · steps · elements FLOP. A step is x ← y - c x: a product and a difference, each an operation of its
own; c is another number in each step, near 1. x, y: standard normal. Inputs and results are in the precision
that the parameters name.
Check: 65,536 elements, spread evenly from the first to the last, against NumPy in float64. No
step damps or swells much what came before: one that is left out, anywhere, gives an error of 0.5 or more.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.harness.contract import Parameters, Workload, choice, compare, tolerance, whole
from workloads.parts.graphs import compiled, graph_workload
from workloads.vocabulary.record import Check, Work


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes and form."""

    elements: int = whole(1 << 22, 1, 1 << 28)  # of each tensor
    steps: int = whole(8, 1, 64)  # of two operations each, one after another
    precision: str = choice("float32", "bfloat16")  # of inputs, operations and results
    jit_compile: bool = choice(False, True)  # by XLA


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call takes the tensor through all steps, in one graph."""
    import tensorflow as tf

    x, y = (rng.standard_normal(params.elements, dtype=np.float32) for _ in range(2))
    # Exact in bfloat16, where factors rounded to one side would add up; never 1, which TensorFlow would drop.
    factors = 1.0 + (2 * rng.integers(-6, 6, params.steps) + 1) / 128

    def steps(x: Any, y: Any) -> Any:
        for c in factors:
            x = tf.subtract(y, tf.multiply(x, tf.cast(c, x.dtype)))
        return x

    graph = compiled(steps, params.jit_compile)
    on_device = tf.cast(x, params.precision), tf.cast(y, params.precision)
    places = np.unique(np.linspace(0, params.elements - 1, 1 << 16).astype(int))

    def check(output: Any) -> Check:
        reference = x[places].astype(np.float64)
        for c in factors:
            reference = y[places] - c * reference
        # Rounding a step's product and difference to BF16 errs as much as rounding a matrix product's inputs.
        return compare(output.numpy()[places], reference, tolerance(params.steps), "NumPy, float64, 65,536 elements")

    return graph_workload(graph, on_device, Work(2.0 * params.steps * params.elements, "FLOP"), check)
