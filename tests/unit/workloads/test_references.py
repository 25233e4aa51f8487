"""The NumPy references, held against their definitions written out the slow way."""

from __future__ import annotations

import numpy as np
import pytest

from workloads.kernels import conv
from workloads.models import mlp_training


def test_the_convolution_is_the_sum_over_kernel_and_channels_with_zeros_around() -> None:
    rng = np.random.default_rng(0)
    image = rng.standard_normal((4, 5, 2)).astype(np.float32)
    kernel = rng.standard_normal((1, 3, 3, 2, 3)).astype(np.float32)
    slow = np.zeros((4, 5, 3))
    for row, column, i, j in np.ndindex(4, 5, 3, 3):
        r, c = row + i - 1, column + j - 1
        if 0 <= r < 4 and 0 <= c < 5:
            slow[row, column] += image[r, c].astype(float) @ kernel[0, i, j].astype(float)
    assert conv._forward(image, kernel) == pytest.approx(np.maximum(slow, 0.0))


def test_an_epoch_takes_steps_down_the_slope_of_the_loss() -> None:
    """The step of one batch against the loss's slope by finite differences, for each weight and bias."""
    rng = np.random.default_rng(0)
    widths = [5, 4, 4, 10]
    start = [array.astype(np.float64) for array in mlp_training._weights(widths, rng)]
    inputs = rng.standard_normal((1, 8, 5))
    labels = rng.integers(0, 10, (1, 8))

    def loss(arrays: list[np.ndarray]) -> float:
        return float(mlp_training._train(arrays, inputs, labels, 0.0)[0][0])

    _, end = mlp_training._train(start, inputs, labels, 0.1)
    for which, array in enumerate(start):
        for place in np.ndindex(array.shape):
            up, down = ([a.copy() for a in start] for _ in range(2))
            up[which][place] += 1e-5
            down[which][place] -= 1e-5
            slope = (loss(up) - loss(down)) / 2e-5
            assert end[which][place] - array[place] == pytest.approx(-0.1 * slope, rel=1e-4, abs=1e-9)


def test_the_losses_of_an_epoch_are_those_of_its_steps() -> None:
    rng = np.random.default_rng(0)
    start = mlp_training._weights([5, 4, 10], rng)
    inputs, labels = rng.standard_normal((3, 8, 5), dtype=np.float32), rng.integers(0, 10, (3, 8))
    losses, end = mlp_training._train(start, inputs, labels, 0.1)
    first, between = mlp_training._train(start, inputs[:1], labels[:1], 0.1)
    rest, last = mlp_training._train(between, inputs[1:], labels[1:], 0.1)
    assert losses == pytest.approx([*first, *rest])
    assert all(np.array_equal(a, b) for a, b in zip(end, last, strict=True))
    assert losses[0] == pytest.approx(np.log(10), rel=0.5)
