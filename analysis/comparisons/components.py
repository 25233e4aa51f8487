"""Where the noise of a workload's launches comes from, and what the next run should spend its time on.

The nested model of Kalibera and Jones (2013, "Rigorous benchmarking in reasonable time"), on logarithms: a launch's
median is its setting's level + its round's + its own + what its samples leave to chance. A comparison takes two
launches of one round, so that the round's part cancels: that is what pairing buys. The other two do not.

rounds    by the method of moments for unbalanced data (Henderson 1953, "Estimation of variance and covariance
          components", method 3), which launches that are missing do not disturb
launches  what is left between the launches of a cell once settings and rounds are fitted, less what is within
within    of a launch's median, from its two halves: samples of a launch hang together, so their number says little,
          but halves that were independent would differ by four times the variance of the whole

The cheapest next run follows from theirs: a launch should be timed for sqrt(cost beside the timing * cost of timing *
variance within / variance between launches), and rounds make up for the rest. How samples hang together is known only
about as far as they went, so that the advice goes no further than four times from the time that was measured.

    python -m analysis.comparisons.components --results results/MACHINE
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from analysis.comparisons.valid_launches import counting
from analysis.margin import MARGIN
from analysis.records.folder import read_plan
from analysis.statistics.log_mean import ALPHA
from analysis.tables.columns import Told
from analysis.tables.tables import RowTable, read_launches
from workloads.vocabulary.command_line import stage
from workloads.vocabulary.plan import Plan

_FURTHEST = 4.0
_MOST_ROUNDS = 1000


@dataclass(frozen=True)
class Components:
    """The noise of a workload over all its cells, and what ± `target` would cost. `sd_`: of the logarithm of time."""

    workload: Annotated[str, Told("what was run, as named in the config, over all its sweeps")]
    launches: Annotated[int, Told("launches that count", "1")]
    sd_rounds: Annotated[float, Told("standard deviation of log time between rounds", "1")]
    sd_launches: Annotated[float, Told("standard deviation of log time between launches of a round", "1")]
    sd_within: Annotated[float, Told("standard deviation of a launch's median of log time, at measure_s", "1")]
    measure_s: Annotated[float, Told("timed seconds of a launch", "s")]
    other_s: Annotated[float, Told("its other seconds, with its share of launches that do not count", "s")]
    settings: Annotated[int, Told("launches of a round, over all sweeps", "1")]
    target: Annotated[float, Told("half-width of a comparison's 95 % interval that is aimed at", "1")]
    rounds: Annotated[int | None, Told("rounds that reach it with launches as they are; empty: more than 1000", "1")]
    minutes: Annotated[float | None, Told("time that all settings take for it", "min")]
    best_measure_s: Annotated[float, Told("the cheapest timed seconds of a launch", "s")]
    best_rounds: Annotated[int | None, Told("rounds that reach the target with those", "1")]
    best_minutes: Annotated[float | None, Told("time that all settings take for it", "min")]


COMPONENTS = RowTable("components", Components, "analysis.comparisons.components")


def components(plan: Plan, launches: pd.DataFrame, target: float = MARGIN) -> list[Components]:
    """One row for each workload with two settings in two rounds, in the plan's order."""
    valid = counting(launches)
    found = []
    for workload in dict.fromkeys(cell.workload for cell in plan.cells):
        ours = valid[valid["workload"] == workload]
        wall_s = float(launches.loc[launches["workload"] == workload, "wall_s"].sum())
        squares = [_squares(cell) for _, cell in ours.groupby(["sweep", "definition"], sort=False)]
        freedom = sum(one.freedom for one in squares)
        if freedom:
            settings = sum(len(cell.settings) for cell in plan.cells if cell.workload == workload)
            least_s = _sample_s(ours)
            found.append(_workload(workload, ours, squares, wall_s, settings, least_s, target))
    return found


@dataclass(frozen=True)
class _Squares:
    """What a cell's launches add to the sums of squares."""

    left: float  # squares that settings and rounds leave
    freedom: int
    by_rounds: float  # squares that rounds explain beyond settings
    rounds_freedom: int
    weight: int  # how often the rounds' variance is in `by_rounds`


def _squares(cell: pd.DataFrame) -> _Squares:
    """Least squares of the log times of a cell's launches that count, on settings and on settings and rounds."""
    log_time = -np.log(cell["throughput"].to_numpy(dtype=float))
    of_setting, settings = pd.factorize(cell["setting"])
    of_round, rounds = pd.factorize(cell["round"])
    by_setting = np.eye(len(settings))[of_setting]
    both = np.hstack([by_setting, np.eye(len(rounds))[of_round]])
    alone, together = _left(by_setting, log_time), _left(both, log_time)
    rank = int(np.linalg.matrix_rank(both))
    # With at most one launch in a round and setting, Henderson's coefficient is launches less settings.
    return _Squares(
        together, len(cell) - rank, max(0.0, alone - together), rank - len(settings), len(cell) - len(settings)
    )


def _left(design: np.ndarray, values: np.ndarray) -> float:
    fitted = design @ np.linalg.lstsq(design, values)[0]
    return float(((values - fitted) ** 2).sum())


def _sample_s(launches: pd.DataFrame) -> float:
    return float((launches["median_s"] * launches["calls_per_sample"].astype(float)).mean())


def _workload(
    workload: str,
    launches: pd.DataFrame,
    squares: list[_Squares],
    wall_s: float,
    settings: int,
    least_s: float,
    target: float,
) -> Components:
    residual = sum(one.left for one in squares) / sum(one.freedom for one in squares)
    explained = sum(one.by_rounds for one in squares) - residual * sum(one.rounds_freedom for one in squares)
    within = float((np.log(launches["halves_ratio"].dropna()) ** 2).mean()) / 4
    within = min(residual, 0.0 if math.isnan(within) else within)
    between = residual - within
    measure_s = float(launches["timing_s"].mean())
    other_s = wall_s / len(launches) - measure_s
    best_s = cheapest_measure_s(between, within, measure_s, other_s)
    best_s = max(best_s, min(least_s, measure_s))
    rounds = rounds_needed(residual, target)
    best_rounds = rounds_needed(between + within * measure_s / best_s, target)
    minutes = _minutes(rounds, settings, measure_s + other_s)
    best_minutes = _minutes(best_rounds, settings, best_s + other_s)
    # Rounds are whole: what is cheapest for many may save none of a few.
    if minutes is not None and (best_minutes is None or best_minutes >= minutes):
        best_s, best_rounds, best_minutes = measure_s, rounds, minutes
    return Components(
        workload=workload,
        launches=len(launches),
        sd_rounds=math.sqrt(max(0.0, explained) / sum(one.weight for one in squares)),
        sd_launches=math.sqrt(between),
        sd_within=math.sqrt(within),
        measure_s=measure_s,
        other_s=other_s,
        settings=settings,
        target=target,
        rounds=rounds,
        minutes=minutes,
        best_measure_s=best_s,
        best_rounds=best_rounds,
        best_minutes=best_minutes,
    )


def cheapest_measure_s(between: float, within: float, measure_s: float, other_s: float) -> float:
    """The timed seconds of a launch that give the narrowest interval for the time (variances as at `measure_s`)."""
    best = math.sqrt(other_s * measure_s * within / between) if between > 0 else math.inf
    return min(max(best, measure_s / _FURTHEST), measure_s * _FURTHEST)


def rounds_needed(variance: float, target: float) -> int | None:
    """The fewest rounds in which a comparison's 95 % interval is ± `target`, if launches vary so; at least 2.

    A comparison takes two launches a round, each with its own chance. None: more than 1000 rounds.
    """
    rounds = np.arange(2, _MOST_ROUNDS + 1)
    half_widths = stdtrit(rounds - 1, 1 - ALPHA / 2) * np.sqrt(2 * variance / rounds)
    enough = np.flatnonzero(half_widths <= math.log1p(target))
    return int(rounds[enough[0]]) if len(enough) else None


def _minutes(rounds: int | None, settings: int, launch_s: float) -> float | None:
    return None if rounds is None else rounds * settings * launch_s / 60


def write(root: Path) -> None:
    """Make the table of components of the machine's folder `root`. Raises AnalysisError."""
    COMPONENTS.write(root, components(read_plan(root), read_launches(root)))


main = stage(write)


if __name__ == "__main__":
    raise SystemExit(main())
