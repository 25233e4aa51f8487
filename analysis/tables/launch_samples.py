"""What the samples of each launch come to, for many launches at once: launches with equally many samples together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.tables.columns import Value
from analysis.tables.warmup import courses

# Launches at a time: what their matrices take stays small beside the samples themselves.
_TOGETHER = 5000

_NUMBERS = ("median_s", "mean_s", "p5_s", "p90_s", "p95_s", "p99_s")


class LaunchSamples:
    """Statistics of launches; NaN and None for those without samples. Seconds a call.

    Percentiles are of single calls where a sample is one call, as with every workload whose metric is latency.
    """

    def __init__(
        self,
        seconds: NDArray[np.float64],
        starts: NDArray[np.int64],
        counts: NDArray[np.int64],
        machine: NDArray[np.float64] | None = None,
    ) -> None:
        """Launch i has `counts[i]` timed samples from `seconds[starts[i]]` on, all positive.

        `machine`: by how much the machine slowed each of `seconds` down, as far as is known. Whether a launch is steady
        is asked of what is left.
        """
        own = seconds if machine is None else seconds / machine
        self.numbers = {name: np.full(len(counts), np.nan) for name in _NUMBERS}
        self.steadiness: list[str | None] = [None] * len(counts)
        self.steady_from: list[int | None] = [None] * len(counts)
        for rows, places in _matrices(starts, counts):
            self._take(rows, seconds[places], own[places])

    @property
    def columns(self) -> dict[str, Sequence[Value]]:
        """By the names of their columns in the table of launches; a value a launch."""
        words: dict[str, Sequence[Value]] = {"steadiness": self.steadiness, "steady_from": self.steady_from}
        return {name: values.tolist() for name, values in self.numbers.items()} | words

    def _take(self, rows: NDArray[np.int64], samples: NDArray[np.float64], own: NDArray[np.float64]) -> None:
        p5, median, p90, p95, p99 = np.quantile(samples, [0.05, 0.5, 0.9, 0.95, 0.99], axis=1)
        values = {"median_s": median, "mean_s": samples.mean(axis=1)}
        values |= {"p5_s": p5, "p90_s": p90, "p95_s": p95, "p99_s": p99}
        for name, column in values.items():
            self.numbers[name][rows] = column
        for row, course in zip(rows, courses(own), strict=True):
            self.steadiness[row], self.steady_from[row] = course.steadiness, course.steady_from


def _matrices(
    starts: NDArray[np.int64], counts: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """(indices of launches, where their samples are as launches x samples)."""
    for count in np.unique(counts[counts > 0]):
        alike = np.flatnonzero(counts == count)
        for first in range(0, len(alike), _TOGETHER):
            rows = alike[first : first + _TOGETHER]
            yield rows, starts[rows][:, np.newaxis] + np.arange(count)
