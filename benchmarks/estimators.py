"""Which robust location of a round's cycles is best: the error of each, on recordings and on simulated rounds.

Each number is the standard deviation, in per cent, of one round's log-ratio of two launches of one setting. A recording
has one JSON line a slice, [relaunch, cycle, label, time, [seconds of each call]]; its rounds are `--cycles` successive
cycles of one relaunch, held against each other, so that what two launches differ in for good is no error. The last
column is the mean error of simulated rounds in standard errors: bias would show there.

    .venv/bin/python -m benchmarks.estimators RECORDING.jsonl ...
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.statistics.location import trimmed_mean
from tests.made.turn_taking import MODELS, take_turns

Floats = NDArray[np.float64]

EXPERIMENTS = 4000
_MEDIAN = 0.499


def hodges_lehmann(values: Floats) -> Floats:
    """The median of the means of all pairs, along the last axis."""
    first, second = np.triu_indices(values.shape[-1])
    return trimmed_mean((values[..., first] + values[..., second]) / 2, _MEDIAN)


ESTIMATORS: dict[str, Callable[[Floats], Floats]] = {
    "mean": lambda values: trimmed_mean(values, 0.0),
    "trim 10": lambda values: trimmed_mean(values, 0.1),
    "trim 25": lambda values: trimmed_mean(values, 0.25),
    "trim 33": lambda values: trimmed_mean(values, 1 / 3),
    "trim 40": lambda values: trimmed_mean(values, 0.4),
    "median": lambda values: trimmed_mean(values, _MEDIAN),
    "HL": hodges_lehmann,
}

SPEEDS: dict[str, Callable[[Floats], float]] = {
    "typical call": lambda calls: -float(np.log(np.median(calls))),
    "work over time": lambda calls: -float(np.log(np.mean(calls))),
}


def recorded(path: Path, speed: Callable[[Floats], float]) -> Iterator[Floats]:
    """The cycles' log-ratios of each two launches of a recording that were set alike, one array a relaunch."""
    speeds: dict[int, dict[int, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for line in path.read_text().splitlines():
        relaunch, cycle, label, _, calls = json.loads(line)[:5]
        speeds[relaunch][cycle][label] = speed(np.array(calls))
    for cycles in speeds.values():
        for first, second in itertools.combinations(sorted(next(iter(cycles.values()))), 2):
            yield np.array([labels[first] - labels[second] for labels in cycles.values()])


def error_of_recording(path: Path, speed: Callable[[Floats], float], cycles: int) -> dict[str, float]:
    """The error of each estimator; empty for relaunches with less than two rounds of cycles."""
    squares: dict[str, list[float]] = defaultdict(list)
    for ratios in recorded(path, speed):
        rounds = len(ratios) // cycles
        if rounds > 1:
            for name, estimator in ESTIMATORS.items():
                squares[name].append(float(estimator(ratios[: rounds * cycles].reshape(rounds, cycles)).var(ddof=1)))
    return {name: float(np.sqrt(np.mean(several))) for name, several in squares.items()}


def line(name: str, errors: dict[str, float], bias: str = "") -> str:
    """One row of the table."""
    return f"{name:38}" + "".join(f"{100 * errors[name]:9.2f}" for name in ESTIMATORS) + bias


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.estimators", description=main.__doc__)
    parser.add_argument("recordings", nargs="*", type=Path)
    parser.add_argument("--cycles", type=int, nargs="+", default=[12, 24])
    arguments = parser.parse_args(argv)
    print(f"{'standard deviation in per cent':38}" + "".join(f"{name:>9}" for name in ESTIMATORS) + "   mean/error")
    ranks: list[list[float]] = []
    for cycles, (kind, speed) in itertools.product(arguments.cycles, SPEEDS.items()):
        print(f"-- {cycles} cycles, {kind}")
        for path in arguments.recordings:
            if errors := error_of_recording(path, speed, cycles):
                print(line(path.stem, errors))
                ranks.append([errors[name] for name in ESTIMATORS])
        for name, noise in MODELS.items():
            slices = take_turns(np.random.default_rng(cycles), EXPERIMENTS, 1, cycles, noise)
            values = slices.typical if kind == "typical call" else slices.work
            ratios = values[:, 0, 1] - values[:, 0, 0]
            located = {name: estimator(ratios) for name, estimator in ESTIMATORS.items()}
            errors = {name: float(np.sqrt((several**2).mean())) for name, several in located.items()}
            worst = max(abs(several.mean()) / several.std() * np.sqrt(len(several)) for several in located.values())
            print(line(f"simulated: {name}", errors, f"{worst:13.1f}"))
            ranks.append([errors[name] for name in ESTIMATORS])
    relative = np.array(ranks) / np.min(ranks, axis=1, keepdims=True)
    print(line("over the best of a row, mean", dict(zip(ESTIMATORS, relative.mean(axis=0) / 100, strict=True))))
    print(line("over the best of a row, worst", dict(zip(ESTIMATORS, relative.max(axis=0) / 100, strict=True))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
