"""Launches to comparisons: how fast is each setting against its cell's baseline, and how sure are we?

The launch is the unit of replication, and comparisons are paired within a round (Kalibera and Jones 2013,
"Rigorous benchmarking in reasonable time", on repeating at the level at which the noise arises): for each round
log(baseline / setting) of the launch statistic, so that > 0 is faster than the baseline; the mean over the rounds
with Student's interval (pairs - 1 degrees of freedom); the paired t-test; Holm's adjustment (1979, "A simple
sequentially rejective multiple test procedure") over all comparisons of a sweep, its workloads together.

The interval is for one comparison alone (95 %), the verdict for the sweep: an interval may exclude 1 where the
adjusted p does not allow a verdict.

    python -m analysis.stats --results results/MACHINE
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import nctdtrinc
from scipy.stats import t as student
from statsmodels.stats.multitest import multipletests  # type: ignore[import-untyped]  # no types are published

from analysis.comparison import (
    ALL_FAILED,
    FASTER,
    NO_BASELINE,
    NO_LAUNCH,
    NO_PAIR,
    NO_VARIANCE,
    ONE_ROUND,
    SLOWER,
    TWO_IMAGES,
    UNRESOLVED,
    Comparison,
    to_table,
)
from analysis.errors import command
from analysis.folder import read_plan
from analysis.tables import COMPARISONS, read_launches, write_table
from workloads.record import Cell, Plan, Setting

ALPHA = 0.05
POWER = 0.8

# Log-ratios that differ by less are equal but for rounding; a t-test of them would divide by nothing.
_NO_SPREAD = 1e-12


@dataclass(frozen=True)
class Estimate:
    """What paired log-ratios say. Ratios are baseline time / setting time; None where it cannot be said."""

    pairs: int
    speedup: float  # geometric mean
    low: float | None  # 95 % interval, unadjusted
    high: float | None
    sd_log_ratio: float | None  # between rounds
    p: float | None  # two-sided paired t-test, unadjusted


def estimate(log_ratios: NDArray[np.float64]) -> Estimate:
    """Geometric mean, interval and test of log-ratios, one a round (shape: pairs, at least 1)."""
    pairs, mean = len(log_ratios), float(np.mean(log_ratios))
    if pairs < 2:
        return Estimate(pairs, math.exp(mean), None, None, None, None)
    sd = float(np.std(log_ratios, ddof=1))
    if sd < _NO_SPREAD:
        return Estimate(pairs, math.exp(mean), math.exp(mean), math.exp(mean), 0.0, None)
    error = sd / math.sqrt(pairs)
    half_width = float(student.isf(ALPHA / 2, pairs - 1)) * error
    p = float(2 * student.sf(abs(mean) / error, pairs - 1))
    return Estimate(pairs, math.exp(mean), _exp(mean - half_width), _exp(mean + half_width), sd, p)


def holm(p: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values, in the order given; empty for none."""
    return [float(value) for value in multipletests(p, alpha=ALPHA, method="holm")[1]] if p else []


def smallest_resolvable(sd: float, pairs: int, family: int) -> float:
    """The smallest true speed-up (a ratio > 1) that is called at least 4 times in 5, given this noise.

    `sd` is that of the log-ratios, `family` the number of comparisons adjusted together. Reckoned at Holm's first
    and strictest step, alpha / family, so that it holds whatever the other comparisons show. The noncentral t
    distribution gives the shift, in standard errors, at which the test's power is 80 %.
    """
    critical = student.isf(ALPHA / family / 2, pairs - 1)
    shift = float(nctdtrinc(pairs - 1, 1 - POWER, critical))
    return _exp(shift * sd / math.sqrt(pairs))


def comparisons(plan: Plan, launches: pd.DataFrame) -> list[Comparison]:
    """The rows of comparisons.csv: one for each setting but the baseline of each cell, in the plan's order."""
    cells = dict(iter(launches.groupby(["sweep", "workload", "definition"], sort=False)))
    found: list[Comparison] = []
    for sweep in dict.fromkeys(cell.sweep for cell in plan.cells):
        of_sweep: list[Comparison] = []
        for cell in (cell for cell in plan.cells if cell.sweep == sweep):
            rows = cells.get((cell.sweep, cell.workload, cell.definition), launches.iloc[:0])
            of_sweep += _compare_cell(cell, rows)
        found += adjust(of_sweep)
    return found


def adjust(sweep: list[Comparison]) -> list[Comparison]:
    """Adjust the comparisons of one sweep together, and give those that could be tested their verdict."""
    tested = [index for index, one in enumerate(sweep) if one.p is not None]
    adjusted = dict(zip(tested, holm([one.p for one in sweep if one.p is not None]), strict=True))
    return [_judge(one, adjusted.get(index), len(tested)) for index, one in enumerate(sweep)]


def _judge(one: Comparison, adjusted: float | None, family: int) -> Comparison:
    if one.verdict or one.speedup is None:
        return one
    if one.sd_log_ratio is None:
        return replace(one, verdict=ONE_ROUND)
    if adjusted is None:
        return replace(one, verdict=NO_VARIANCE)
    verdict = UNRESOLVED if adjusted >= ALPHA else FASTER if one.speedup > 1 else SLOWER
    resolvable = smallest_resolvable(one.sd_log_ratio, one.pairs, family)
    return replace(one, verdict=verdict, p_adjusted=adjusted, family=family, resolvable=resolvable)


def _compare_cell(cell: Cell, rows: pd.DataFrame) -> list[Comparison]:
    by_setting = {str(key): group.set_index("round") for key, group in rows.groupby("setting", sort=False)}
    nothing = rows.iloc[:0].set_index("round")
    baseline = next(setting for setting in cell.settings if setting.id == cell.baseline)
    return [
        _compare(cell, setting, baseline, by_setting.get(setting.id, nothing), by_setting.get(baseline.id, nothing))
        for setting in cell.settings
        if setting.id != baseline.id
    ]


def _compare(cell: Cell, setting: Setting, baseline: Setting, ours: pd.DataFrame, base: pd.DataFrame) -> Comparison:
    """One comparison, not yet adjusted. `ours` and `base` are launches indexed by round."""
    valid, valid_base = ours[ours["status"] == "ok"], base[base["status"] == "ok"]
    rounds = valid.index.intersection(valid_base.index).sort_values()
    row = Comparison(
        *(cell.sweep, cell.workload, cell.definition, setting.id, setting.label, baseline.id, baseline.label),
        rounds=cell.rounds,
        pairs=len(rounds),
        missing=cell.rounds - len(rounds),
        verdict=_obstacle(ours, valid, valid_base, len(rounds)),
        directory=cell.directory,
    )
    if row.verdict:
        return row
    paired, paired_base = valid.loc[rounds], valid_base.loc[rounds]
    result = estimate(_log_ratios(paired_base["median_s"], paired["median_s"]))
    return replace(
        row,
        **asdict(result),
        speedup_of_means=math.exp(_log_ratios(paired_base["mean_s"], paired["mean_s"]).mean()),
        median_s=float(paired["median_s"].median()),
        baseline_median_s=float(paired_base["median_s"].median()),
        records=_places(paired),
        baseline_records=_places(paired_base),
    )


def _obstacle(ours: pd.DataFrame, valid: pd.DataFrame, valid_base: pd.DataFrame, pairs: int) -> str:
    """Why the two cannot be compared; empty if they can."""
    if ours.empty:
        return NO_LAUNCH
    if valid.empty:
        return ALL_FAILED
    if valid_base.empty:
        return NO_BASELINE
    # By image name: a setting may choose another image on purpose, but one image must not have changed meanwhile.
    contents = pd.concat([valid, valid_base]).groupby("image")["image_content"].nunique()
    if (contents > 1).any():
        return TWO_IMAGES
    return "" if pairs else NO_PAIR


def _log_ratios(base: pd.Series, ours: pd.Series) -> NDArray[np.float64]:
    ratios: NDArray[np.float64] = np.log(base.to_numpy(dtype=float) / ours.to_numpy(dtype=float))
    return ratios


def _places(launches: pd.DataFrame) -> str:
    return " ".join(f"{number}/{position}" for number, position in launches["position"].items())


def _exp(value: float) -> float:
    # With two pairs a bound can lie beyond what a float holds; it is then as good as none.
    return math.exp(value) if value < 700 else math.inf


def write(root: Path) -> None:
    """Make tables/comparisons.csv of the machine's folder `root`. Raises AnalysisError."""
    write_table(to_table(comparisons(read_plan(root), read_launches(root))), root / COMPARISONS)


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m analysis.stats", description="Launches to comparisons.")
    parser.add_argument("--results", type=Path, required=True, help="a machine's folder, such as results/MACHINE")
    arguments = parser.parse_args(argv)
    return command(lambda: write(arguments.results))


if __name__ == "__main__":
    sys.exit(main())
