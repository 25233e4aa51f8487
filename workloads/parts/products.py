"""Many matrix products with one matrix, held against NumPy."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads.harness.contract import compare, tolerance
from workloads.vocabulary.record import Check


def check_products(products: Any, a: NDArray[Any], b: NDArray[Any]) -> Check:
    """Each of `products` (ops arrays of n x n) against a[i] b, where `a` is ops x n x n and `b` is n x n.

    Both sides are multiplied by one random vector: every element counts, at a cost of n² for a product.
    """
    vector = np.random.default_rng(0).standard_normal(b.shape[1])
    got = np.stack([np.asarray(product) @ vector for product in products])
    return compare(got, a @ (b @ vector), tolerance(1), "NumPy, float64, all products times a random vector")
