"""Guide G1's third example as it stands: explicit threads, whose results are lost.

Each thread assigns its product to an element of a tf.Variable. A variable allows no such assignment:
the product is computed, then the thread raises a TypeError and ends. A thread that ends so does not
end its program: the time looks right, the exit status is 0, and the variable holds zeros. This workload is in
the suite to be seen failing its output check; `python_threads` is the repaired form.

Work: threads · 2 n³ FLOP, one product of float32 n x n matrices a thread. It is done; its results vanish.
Check: as in `python_threads`. It always fails, with an error of 1: nothing is where it should be.
"""

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.harness.contract import Parameters, Workload, whole
from workloads.parts.products import check_products
from workloads.vocabulary.record import Check, Work


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes."""

    threads: int = whole(4, 1, 8)
    n: int = whole(640, 1, 4096)  # rows and columns


def build(params: Params, rng: np.random.Generator) -> Workload:
    """One call starts all threads and waits for their ends, as the guide does."""
    import tensorflow as tf

    a = rng.standard_normal((params.threads, params.n, params.n), dtype=np.float32)
    b = rng.standard_normal((params.n, params.n), dtype=np.float32)
    left, right = [tf.constant(matrix) for matrix in a], tf.constant(b)
    results = tf.Variable(tf.zeros(a.shape))

    def product(i: int) -> None:
        results[i] = tf.linalg.matmul(left[i], right)

    def call() -> Any:
        threads = [threading.Thread(target=product, args=(i,)) for i in range(params.threads)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results.read_value()

    def check(output: Any) -> Check:
        return check_products(output, a, b)

    # Python would print a traceback for every thread of every call.
    threading.excepthook = _say_once()
    return Workload(
        call=call,
        work=Work(2.0 * params.threads * params.n**3, "FLOP"),
        check_first=check,
        check_last=check,
        traced=None,
    )


def _say_once() -> Callable[[threading.ExceptHookArgs], None]:
    """A hook for what threads raise that prints the first of each kind, and that there may be more."""
    said: set[str] = set()

    def hook(raised: threading.ExceptHookArgs) -> None:
        sentence = f"{raised.exc_type.__name__}: {raised.exc_value}"
        if sentence not in said:
            said.add(sentence)
            print(f"guide_threads: a thread raised {sentence} (further threads: not printed)", file=sys.stderr)

    return hook
