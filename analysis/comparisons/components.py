"""Where the noise of a workload's launches comes from, and what the next run should spend its time on.

The nested model of Kalibera and Jones (2013, "Rigorous benchmarking in reasonable time"), on logarithms: what a launch
comes to is its setting's level + its round's + its own + what its slices leave to chance. A comparison takes two
launches of one round, so that the round's part cancels: that is what pairing buys. The other two do not.

rounds    by the method of moments for unbalanced data (Henderson 1953, "Estimation of variance and covariance
          components", method 3), which launches that are missing do not disturb
launches  what is left of a cell's log-ratios once settings and rounds are fitted, less what is within: memory layout
          and thread placement, which a launch keeps
within    of the robust location over a launch's slices, from what is left of the slices of a block once launches and
          cycles are fitted

The cheapest next run follows from theirs: a launch should have so many times its cycles as sqrt(time beside the turns *
variance within / (time of the turns * variance between launches)), and rounds make up for the rest. The advice goes no
further than four times from the cycles that were measured.

    python -m analysis.comparisons.components --results results/MACHINE
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from analysis.comparisons.comparison import COMPARISONS, Comparison
from analysis.comparisons.valid_launches import counting
from analysis.margin import MARGIN
from analysis.records.folder import read_plan
from analysis.statistics.log_mean import ALPHA
from analysis.tables.columns import Told
from analysis.tables.launch_slices import padded
from analysis.tables.tables import RowTable, read_launches
from workloads.vocabulary.command_line import stage
from workloads.vocabulary.metrics import MetricName
from workloads.vocabulary.plan import Cell, Plan

# Of the launches; to take rows of a hundred columns again and again is what this stage would spend its time on.
_COLUMNS = (
    *("sweep", "workload", "definition", "setting", "round", "block", "status", "set_aside", "cycles", "cycles_aside"),
    *("throughput", "call_s", "slice_work_s", "wall_s", "timing_s", "waiting_s"),
)
_FURTHEST = 4.0
_MOST_ROUNDS = 1000

# The variance of the mean of the middle fifth of normal values, over that of the mean of all of them.
_OF_LOCATION = 1.39

# The distance of a normal law's quartiles, in standard deviations.
_QUARTILES = 2 * float(ndtri(0.75))


@dataclass(frozen=True)
class Components:
    """The noise of a workload over all its cells, and what ± `target` would cost. `sd_`: of the logarithm of time."""

    workload: Annotated[str, Told("what was run, as named in the config, over all its sweeps")]
    launches: Annotated[int, Told("launches that count", "1")]
    cycles: Annotated[int, Told("cycles of a launch that count, median", "1")]
    sd_rounds: Annotated[float, Told("standard deviation of log time between rounds", "1")]
    sd_launches: Annotated[float, Told("standard deviation of log time between launches of a round", "1")]
    sd_within: Annotated[float, Told("standard deviation that slices leave to a launch's log time", "1")]
    settings: Annotated[int, Told("launches of a round, over all sweeps", "1")]
    round_s: Annotated[float, Told("a round of all its settings, from the first start to the last end", "s")]
    turns_s: Annotated[float, Told("of it, taking turns", "s")]
    target: Annotated[float, Told("half-width of a comparison's 95 % interval that is aimed at", "1")]
    rounds: Annotated[int | None, Told("rounds that reach it with launches as they are; empty: more than 1000", "1")]
    minutes: Annotated[float | None, Told("time that all settings take for it", "min")]
    best_cycles: Annotated[int, Told("the cheapest number of cycles", "1")]
    best_rounds: Annotated[int | None, Told("rounds that reach the target with those", "1")]
    best_minutes: Annotated[float | None, Told("time that all settings take for it", "min")]


COMPONENTS = RowTable("components", Components, "analysis.comparisons.components")


def components(
    plan: Plan, launches: pd.DataFrame, compared: Sequence[Comparison], target: float = MARGIN
) -> list[Components]:
    """One row for each workload with two settings in two rounds, in the plan's order."""
    launches = launches[[name for name in _COLUMNS if name in launches]]
    valid = counting(launches)
    pairs: dict[tuple[str, str], list[Comparison]] = {}
    for comparison in compared:
        if comparison.metric in (MetricName.THROUGHPUT, MetricName.LATENCY):
            pairs.setdefault((comparison.sweep, comparison.definition), []).append(comparison)
    components = []
    for workload in dict.fromkeys(cell.workload for cell in plan.cells):
        cells = [cell for cell in plan.cells if cell.workload == workload]
        of_workload = valid[valid["workload"] == workload]
        squares = [_squares(cell, pairs.get((cell.sweep, cell.definition), []), of_workload) for cell in cells]
        if sum(squares.freedom for squares in squares):
            time = _round_time(launches[launches["workload"] == workload])
            components.append(_workload(cells, of_workload, squares, time, target))
    return components


@dataclass(frozen=True)
class _Squares:
    """What a cell's launches add to the sums of squares."""

    left: float  # squares of log-ratios that settings and rounds leave
    freedom: int
    by_rounds: float  # squares of log times that rounds explain beyond settings
    rounds_freedom: int
    weight: int  # how often the rounds' variance is in `by_rounds`


def _squares(cell: Cell, compared: Sequence[Comparison], launches: pd.DataFrame) -> _Squares:
    left, freedom, _, _ = _least_squares(*_pairs(compared))
    of_cell = launches[(launches["sweep"] == cell.sweep) & (launches["definition"] == cell.definition)]
    settings, rounds = pd.factorize(of_cell["setting"])[0], pd.factorize(of_cell["round"])[0]
    _, _, explained, more = _least_squares(np.log(of_cell["call_s"].to_numpy(dtype=float)), settings, rounds)
    # With at most one launch in a round and setting, Henderson's coefficient is launches less settings.
    return _Squares(left, freedom, explained, more, len(of_cell) - len(np.unique(settings)))


def _pairs(compared: Sequence[Comparison]) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]:
    """A cell's log-ratios, their settings and the baseline's launches that they are held against, which are 0."""
    places = {place for comparison in compared for place in comparison.baseline_records}
    columns = {place: index for index, place in enumerate(sorted(places))}
    values = [0.0] * len(columns) + [ratio for comparison in compared for ratio in comparison.log_ratios]
    settings = [0] * len(columns) + [
        row for row, comparison in enumerate(compared, start=1) for _ in comparison.log_ratios
    ]
    rounds = [*columns.values(), *(columns[place] for comparison in compared for place in comparison.baseline_records)]
    return np.array(values), np.unique(settings, return_inverse=True)[1], np.array(rounds, dtype=np.intp)


def _least_squares(
    values: NDArray[np.float64], settings: NDArray[np.intp], rounds: NDArray[np.intp]
) -> tuple[float, int, float, int]:
    """Of values fitted on settings and rounds: squares left, their freedom; squares by rounds alone, their freedom."""
    if not len(values):
        return 0.0, 0, 0.0, 0
    by_setting = np.eye(int(settings.max()) + 1)[settings]
    both = np.hstack([by_setting, np.eye(int(rounds.max()) + 1)[rounds]])
    (alone, rank), (together, ranks) = _left(by_setting, values), _left(both, values)
    return together, len(values) - ranks, max(0.0, alone - together), ranks - rank


def _left(design: NDArray[np.float64], values: NDArray[np.float64]) -> tuple[float, int]:
    """Squares that a fit leaves, and the design's rank."""
    solution, _, rank, _ = np.linalg.lstsq(design, values)
    return float(((values - design @ solution) ** 2).sum()), int(rank)


def within(launches: pd.DataFrame) -> float:
    """The variance that slices leave to a launch's log time, mean over launches; 0 where none has two slices."""
    if "slice_work_s" not in launches or launches.empty:
        return 0.0
    log_times = np.log(padded(launches["slice_work_s"].tolist()))
    blocks = launches.groupby(["sweep", "definition", "round", "block"], sort=False).indices.values()
    apart = log_times[[rows[0] for rows in blocks if len(rows) == 1]]
    left = [_unexplained(log_times[rows]) for rows in blocks if len(rows) > 1]
    variances = [
        np.full(len(residuals), _spread(residuals.ravel()) / _share_left(residuals))
        for residuals in left
        if residuals.shape[1] > 1
    ]
    variances.append(_alone(apart))
    known = np.concatenate(variances)
    known = known[~np.isnan(known)]
    return float(known.mean()) if len(known) else 0.0


def _unexplained(log_times: NDArray[np.float64]) -> NDArray[np.float64]:
    """What launches and cycles do not explain (launches x cycles that all of them had)."""
    whole = log_times[:, ~np.isnan(log_times).any(axis=0)]
    of_launches, of_cycles = whole.mean(axis=1, keepdims=True), whole.mean(axis=0)
    left: NDArray[np.float64] = whole - of_launches - of_cycles + whole.mean()
    return left


def _share_left(left: NDArray[np.float64]) -> float:
    """By which the squares that are left are to be divided, to be those of a launch's location."""
    launches, cycles = left.shape
    return float((cycles - 1) * (launches - 1) / left.size * cycles / _OF_LOCATION)


def _alone(log_times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of launches that took no turns with others, whose slices hold the machine's changes as well."""
    cycles = np.count_nonzero(~np.isnan(log_times), axis=1)
    some, cycles = log_times[cycles > 1], cycles[cycles > 1]
    spread = np.array([_spread(row[~np.isnan(row)]) for row in some])
    variances: NDArray[np.float64] = spread * _OF_LOCATION / np.maximum(cycles - 1, 1)
    return variances


def _spread(values: NDArray[np.float64]) -> float:
    """A variance by the quartiles: spells are no part of what is usual."""
    low, high = np.quantile(values, [0.25, 0.75])
    return float(((high - low) / _QUARTILES) ** 2)


@dataclass(frozen=True)
class _RoundTime:
    """Seconds of one round of all a workload's settings."""

    whole_s: float
    turns_s: float


def _round_time(launches: pd.DataFrame) -> _RoundTime:
    """Launches of a block are up at the same time, and take their turns in the same time."""
    turns_s = (launches["timing_s"] + launches["waiting_s"]).fillna(0.0)
    timed = launches.assign(turns_s=turns_s)
    blocks = timed.groupby(["sweep", "definition", "round", "block"], sort=False)[["wall_s", "turns_s"]].max()
    rounds = blocks.groupby(["sweep", "definition", "round"], sort=False).sum()
    mean = rounds.groupby(["sweep", "definition"], sort=False).mean().sum()
    return _RoundTime(float(mean["wall_s"]), float(mean["turns_s"]))


def _workload(
    cells: list[Cell], launches: pd.DataFrame, squares: list[_Squares], time: _RoundTime, target: float
) -> Components:
    residual = sum(squares.left for squares in squares) / sum(squares.freedom for squares in squares)
    explained = sum(squares.by_rounds for squares in squares) - residual * sum(
        squares.rounds_freedom for squares in squares
    )
    inner = min(residual, within(launches))
    between = residual - inner
    cycles = max(1, round(float((launches["cycles"] - launches["cycles_aside"]).median())))
    other_s = max(0.0, time.whole_s - time.turns_s)
    best_cycles = max(1, round(cycles * cheapest_growth(between, inner, time.turns_s, other_s)))
    rounds = rounds_needed(residual, target)
    best_rounds = rounds_needed(between + inner * cycles / best_cycles, target)
    minutes = _minutes(rounds, time.whole_s)
    best_minutes = _minutes(best_rounds, other_s + time.turns_s * best_cycles / cycles)
    # Rounds are whole: what is cheapest for many may save none of a few.
    if minutes is not None and (best_minutes is None or best_minutes >= minutes):
        best_cycles, best_rounds, best_minutes = cycles, rounds, minutes
    return Components(
        workload=cells[0].workload,
        launches=len(launches),
        cycles=cycles,
        sd_rounds=math.sqrt(max(0.0, explained) / sum(squares.weight for squares in squares)),
        sd_launches=math.sqrt(between),
        sd_within=math.sqrt(inner),
        settings=sum(len(cell.settings) for cell in cells),
        round_s=time.whole_s,
        turns_s=time.turns_s,
        target=target,
        rounds=rounds,
        minutes=minutes,
        best_cycles=best_cycles,
        best_rounds=best_rounds,
        best_minutes=best_minutes,
    )


def cheapest_growth(between: float, inner: float, turns_s: float, other_s: float) -> float:
    """How many times the cycles give the narrowest interval for the time (variances and seconds as they were)."""
    best = math.sqrt(other_s * inner / (turns_s * between)) if between > 0 and turns_s > 0 else math.inf
    return min(max(best, 1 / _FURTHEST), _FURTHEST)


def rounds_needed(variance: float, target: float) -> int | None:
    """The fewest rounds in which a comparison's 95 % interval is ± `target`, if launches vary so; at least 2.

    A comparison takes two launches a round, each with its own chance. None: more than 1000 rounds.
    """
    rounds = np.arange(2, _MOST_ROUNDS + 1)
    half_widths = stdtrit(rounds - 1, 1 - ALPHA / 2) * np.sqrt(2 * variance / rounds)
    enough = np.flatnonzero(half_widths <= math.log1p(target))
    return int(rounds[enough[0]]) if len(enough) else None


def _minutes(rounds: int | None, round_s: float) -> float | None:
    return None if rounds is None else rounds * round_s / 60


def write(root: Path) -> None:
    """Make the table of components of the machine's folder `root`. Raises AnalysisError."""
    COMPONENTS.write(root, components(read_plan(root), read_launches(root), COMPARISONS.read(root)))


main = stage(write)


if __name__ == "__main__":
    raise SystemExit(main())
