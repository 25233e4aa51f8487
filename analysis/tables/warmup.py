"""Whether a launch's samples are steady, and from which one on: found by changepoints, not assumed.

After Barrett et al. 2017 ("Virtual machine warmup blows hot and cold"): the logarithms of a launch's times are cut
where their level changes, by PELT (Killick et al. 2012, "Optimal detection of changepoints with a linear
computational cost") with their penalty for each change, 15 log(points) times the noise's variance; segments whose
levels differ by less than a tolerance count as one level. A launch is then

flat          at one level
warming up    at levels that only fall, the last of which holds for the last quarter at least
slowing down  at levels that only rise, likewise
unsteady      anything else: it comes back to where it was, or still changes in the last quarter

They also call a launch warmed up whose last level is the lowest, whatever came before. On a shared machine a slow spell
in the middle of a launch would be called so; here it is unsteady.

Before the cut, long launches are thinned to the medians of blocks, single spikes are clipped to the running median,
and the noise is read off the differences of neighbours, which steps and spikes hardly move.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from ruptures import KernelCPD  # type: ignore[import-untyped]  # no types are published

from analysis.margin import MARGIN
from analysis.tables.steadiness import FLAT, SLOWING_DOWN, UNSTEADY, WARMING_UP

_TOLERANCE = math.log1p(MARGIN)

_FEWEST_SAMPLES = 10  # the default of min_samples; two segments and some more
_MOST_POINTS = 64  # the cut takes time with their square, and a warm-up shorter than 1/64 moves no median
_SHORTEST = 3  # points of a segment; two of them can be one spike
_WINDOW = 5  # points of the running median: a step as short as a segment survives it
_SPIKE = 3.0  # times the noise

# Of the logarithm of time; without it a run of equal times would have no noise at all.
_LEAST_NOISE = 0.001

# The standard deviation of a normal variable over the median of absolute differences of two such.
_NOISE_OF_DIFFERENCES = 1.4826 / math.sqrt(2)
_PENALTY = 15.0
_LAST_QUARTER = 0.75


@dataclass(frozen=True)
class Course:
    """How the samples of a launch went."""

    steadiness: str | None  # None: too few samples to say
    steady_from: int | None  # index among the timed samples; from it on all are at the last level. None: unsteady


_UNKNOWN = Course(None, None)


def courses(seconds: NDArray[np.float64]) -> list[Course]:
    """The course of each launch (seconds: launches x samples, in order, all positive)."""
    launches, samples = seconds.shape
    if samples < _FEWEST_SAMPLES:
        return [_UNKNOWN] * launches
    size = -(-samples // _MOST_POINTS)
    points = samples // size  # the few samples that fill no block are the last ones
    levels = np.log(_medians(seconds[:, : points * size].reshape(launches, points, size)))
    noise = np.maximum(_NOISE_OF_DIFFERENCES * np.median(np.abs(np.diff(levels)), axis=1), _LEAST_NOISE)[:, np.newaxis]
    signal = _without_spikes(levels, noise) / noise
    signal -= signal.mean(axis=1, keepdims=True)
    penalty = _PENALTY * math.log(points)
    detector = KernelCPD(kernel="linear", min_size=_SHORTEST)
    # Cuts save the squares at most: where all of them are less than one cut costs, there is none to look for.
    cut = (signal**2).sum(axis=1) > penalty
    return [
        _course(levels[row], detector.fit(signal[row]).predict(pen=penalty), size) if cut[row] else Course(FLAT, 0)
        for row in range(launches)
    ]


def _medians(blocks: NDArray[np.float64]) -> NDArray[np.float64]:
    return blocks[..., 0] if blocks.shape[-1] == 1 else np.median(blocks, axis=-1)


def _without_spikes(levels: NDArray[np.float64], noise: NDArray[np.float64]) -> NDArray[np.float64]:
    side = _WINDOW // 2
    windows = sliding_window_view(np.pad(levels, ((0, 0), (side, side)), mode="reflect"), _WINDOW, axis=1)
    middle = np.median(windows, axis=-1)
    clipped: NDArray[np.float64] = np.clip(levels, middle - _SPIKE * noise, middle + _SPIKE * noise)
    return clipped


def _course(levels: NDArray[np.float64], ends: list[int], size: int) -> Course:
    """From the cut of a launch: `ends` are the ends of its segments, in points of `size` samples."""
    starts = [0, *map(int, ends[:-1])]
    heights = [float(np.median(levels[start:end])) for start, end in zip(starts, ends, strict=True)]
    steady = len(heights) - 1
    while steady > 0 and abs(heights[steady - 1] - heights[-1]) <= _TOLERANCE:
        steady -= 1
    if steady == 0:
        return Course(FLAT, 0)
    changes = np.diff([*heights[:steady], heights[-1]])
    if starts[steady] > _LAST_QUARTER * len(levels) or (changes.max() > _TOLERANCE and changes.min() < -_TOLERANCE):
        return Course(UNSTEADY, None)
    return Course(WARMING_UP if changes[-1] < 0 else SLOWING_DOWN, starts[steady] * size)
