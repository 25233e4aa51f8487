"""Random orthogonal matrices: weights that keep values, gradients and errors at their size, however many follow.

Not by QR decomposition: NumPy's runs in OpenBLAS threads that spin while they wait, and took seconds for
64 matrices of 192 x 192 on two busy CPUs. These are cosines, permutations and signs.
"""

import numpy as np
from numpy.typing import NDArray


def orthogonal(count: int, n: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """`count` orthogonal matrices of n x n, all dense and different: count x n x n, float32.

    Each is the matrix of the discrete cosine transform (DCT-II, scaled to be orthogonal), its rows
    in random order and its columns with random signs.
    """
    frequency, place = np.arange(n)[:, np.newaxis], np.arange(n)
    cosines = np.sqrt(2.0 / n) * np.cos(np.pi / (2 * n) * frequency * (2 * place + 1))
    cosines[0] = np.sqrt(1.0 / n)
    basis = cosines.astype(np.float32)
    signs = np.array([-1.0, 1.0], dtype=np.float32)
    return np.stack([basis[rng.permutation(n)] * rng.choice(signs, n) for _ in range(count)])
