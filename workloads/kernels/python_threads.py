"""Python threads that issue TensorFlow operations, as in guide G1's third example, repaired.

The total work is fixed and divided among the threads, so that the time says what more threads bring:
for large products nothing is left to gain over intra-op threads, for small ones the interpreter's lock
and the cost of issuing an operation show. Each thread lives from call to call, as in a service, and
what it raises is raised in the caller.

Work: ops · 2 n³ FLOP: `ops` products of float32 n x n matrices, each an operation of its own, eager or a
call of one small graph; thread t of `threads` issues products t, t + threads, t + 2 threads, ...
Check: all products, each multiplied by one random vector, against NumPy in float64. A product that is missing
or in another's place gives 1/√ops or more, above the tolerance even for the most of them.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.harness.contract import Parameters, Workload, choice, whole
from workloads.parts.products import check_products
from workloads.vocabulary.record import Check, Work


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes, and how the operations are issued."""

    threads: int = whole(1, 1, 8)
    ops: int = whole(8, 1, 4096)  # products in all
    n: int = whole(640, 1, 4096)  # rows and columns
    mode: str = choice("eager", "graph")  # graph: each product is a call of a tf.function

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.ops < self.threads:
            raise ValueError(f"ops: {self.ops} do not give each of {self.threads} threads one")


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call is all products, by all threads."""
    import tensorflow as tf

    a = rng.standard_normal((params.ops, params.n, params.n), dtype=np.float32)
    b = rng.standard_normal((params.n, params.n), dtype=np.float32)
    left, right = [tf.constant(matrix) for matrix in a], tf.constant(b)

    # Looked up when called, as an eager program does.
    def product(x: Any, y: Any) -> Any:
        return tf.linalg.matmul(x, y)

    graph = tf.function(product) if params.mode == "graph" else None
    if graph is not None:
        graph.get_concrete_function(left[0], right)  # else every thread that comes early traces it for itself
    issue = graph or product
    # A pool of one for each: a pool of several may let one quick thread take another's share.
    pools = [ThreadPoolExecutor(1) for _ in range(params.threads)]

    def share(thread: int) -> list[Any]:
        return [issue(x, right) for x in left[thread :: params.threads]]

    def call() -> list[Any]:
        shares = [pool.submit(share, thread) for thread, pool in enumerate(pools)]
        products: list[Any] = [None] * params.ops
        for thread, done in enumerate(shares):
            products[thread :: params.threads] = done.result()
        return products

    def check(products: list[Any]) -> Check:
        return check_products(products, a, b)

    return Workload(
        call=call,
        work=Work(2.0 * params.ops * params.n**3, "FLOP"),
        check_first=check,
        check_last=check,
        traced=graph,
    )
