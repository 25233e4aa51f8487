"""Two settings of a cell, round by round."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.comparisons.metrics import LATENCY, THROUGHPUT, Metric
from analysis.comparisons.pairing import Paired, held_against, pooled
from analysis.comparisons.valid_launches import KEYS, Counted, CountedSettings
from analysis.comparisons.verdict import Verdict
from analysis.statistics.log_mean import LogMean, log_mean
from analysis.wording import ratio
from workloads.vocabulary.amounts import count
from workloads.vocabulary.inventory import Audit
from workloads.vocabulary.metrics import MetricName
from workloads.vocabulary.plan import Cell, Plan
from workloads.vocabulary.record import Setting, written


class NotTestableError(Exception):
    """The folder does not hold what a test needs; the sentence says what is not there."""


class UndecidedError(Exception):
    """The folder holds it, but in a form that no test can decide; the sentence says why."""


@dataclass(frozen=True)
class Held:
    """A cell's settings held against one of them: setting id -> what came of it."""

    pairs: dict[str, Paired | Verdict]
    means: dict[str, LogMean]  # with an error that they may share; without those that show no spread


@dataclass(frozen=True)
class Evidence:
    """A machine's folder, as far as claims look at it."""

    plan: Plan
    launches: pd.DataFrame  # of tables/launches.parquet
    audits: dict[str, Audit]  # by image name

    @cached_property
    def counted(self) -> CountedSettings:
        """The launches that count, by setting. Raises AnalysisError if two of a round do."""
        return CountedSettings(self.launches)

    @cached_property
    def _held(self) -> dict[tuple[str, str, MetricName], Held]:
        return {}

    def held(self, cell: Cell, metric: Metric, against: Setting) -> Held:
        """The cell's other settings held against one of them."""
        key = (cell.name, against.id, metric.name)
        if key not in self._held:
            pairs = held_against(cell, metric, self.counted, against.id)
            self._held[key] = Held(pairs, pooled(pairs))
        return self._held[key]

    @cached_property
    def rows(self) -> dict[tuple[str, ...], NDArray[np.intp]]:
        """Which rows of the table each setting of each cell has."""
        indices = self.launches.groupby(KEYS, sort=False).indices if len(self.launches) else {}
        return {key: np.asarray(rows) for key, rows in indices.items() if isinstance(key, tuple)}


@dataclass(frozen=True)
class Pairs:
    """Two settings of a cell over the rounds in which both count."""

    cell: Cell
    log_ratios: pd.Series  # > 0: the first is better; index: round
    words: str  # "on matmul, intra_op=2 against intra_op=1"
    metric: Metric = THROUGHPUT
    pooled: LogMean | None = None  # with an error that the cell's settings share; None: none of them shows a spread

    @property
    def mean(self) -> LogMean:
        """Raises UndecidedError if there is no spread, or only one round and no other setting to tell its spread."""
        return self.pooled or mean_of(self.log_ratios.to_numpy(dtype=float), self.words)


def mean_of(values: NDArray[np.float64], words: str) -> LogMean:
    """The mean of log-ratios, one a round. Raises UndecidedError if they have no spread that a test could use."""
    log_ratio = log_mean(values)
    if log_ratio is not None:
        return log_ratio
    told = f"{words}: {ratio(math.exp(float(np.mean(values))))}"
    if len(values) < 2:
        raise UndecidedError(f"{told} in one round only; an interval takes two")
    raise UndecidedError(f"{told} in each of {len(values)} rounds, which real times never are")


def launches_of(evidence: Evidence, cell: Cell, setting: Setting) -> pd.DataFrame:
    """All launches of a cell's setting, those that do not count among them."""
    key = (cell.sweep, cell.workload, cell.definition, setting.id)
    return evidence.launches.iloc[evidence.rows.get(key, [])]


def pairs_of(evidence: Evidence, cell: Cell, setting: Setting, against: Setting, metric: Metric = THROUGHPUT) -> Pairs:
    """As `pairs`, for settings that are found already."""
    held = evidence.held(cell, metric, against)
    words = f"on {cell.workload}, {_difference(setting, against)} against {_difference(against, setting)}"
    if metric not in (THROUGHPUT, LATENCY):
        words = f"{metric.title} {words}"
    pairs = held.pairs[setting.id]
    if isinstance(pairs, Verdict):
        why = {
            Verdict.ALL_FAILED: f"every launch of {setting.label} failed",
            Verdict.NO_BASELINE: f"no launch of {against.label} counts",
        }
        raise NotTestableError(f"{words}: {why.get(pairs, pairs.why)}")
    for slow in (setting, against):
        if (late := evidence.counted.of(cell, slow.id).timed_out) and metric in (THROUGHPUT, LATENCY):
            raise UndecidedError(
                f"{words}: {count(late, 'launch')} of {slow.label} took longer than the time limit, by how much is not "
                "known"
            )
    log_ratios = pd.Series(pairs.log_ratios, index=pd.Index(pairs.rounds, name="round"))
    return Pairs(cell=cell, log_ratios=log_ratios, words=words, metric=metric, pooled=held.means.get(setting.id))


def _difference(setting: Setting, other: Setting) -> str:
    """The label of a setting with only the knobs in which it differs from the other."""
    turned = {knob: value for knob, value in setting.resolved.items() if other.resolved.get(knob) != value}
    return " ".join(f"{knob}={written(value)}" for knob, value in turned.items())


def log_speed(launches: pd.DataFrame) -> pd.Series:
    """Logarithm of work a second of one setting's launches that count; index: round."""
    counted = Counted.of(launches)
    return pd.Series(counted.log_of(THROUGHPUT), index=pd.Index(counted.rounds, name="round"))
