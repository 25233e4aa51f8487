"""Holm's adjustment."""

from collections.abc import Sequence

import numpy as np


def holm(p: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values, in the order given; empty for none."""
    ascending = np.argsort(p)
    adjusted = np.empty(len(p))
    adjusted[ascending] = np.maximum.accumulate(np.arange(len(p), 0, -1) * np.asarray(p)[ascending])
    return [float(value) for value in np.minimum(adjusted, 1.0)]
