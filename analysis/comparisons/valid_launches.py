"""Which launches count, and those of one setting as arrays: tables of a few rows each are slow to work with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.comparisons.metrics import METRICS, Metric
from analysis.tables.launch_slices import padded
from workloads.vocabulary.errors import AnalysisError
from workloads.vocabulary.plan import Cell
from workloads.vocabulary.record import Status

# What tells the settings of all cells apart.
KEYS = ["sweep", "workload", "definition", "setting"]


_OF_METRICS = {column: None for metric in METRICS.values() for column in (metric.column, metric.shown)}
_NUMBERS = ("position", "callers", "work_amount", "median_s", "samples", "check_error", *_OF_METRICS)
_SLICES = ("slice_work_s", "slice_median_s")
_TEXTS = ("id", "metric", "work_unit", "steadiness", "image", "image_content")


def counting(launches: pd.DataFrame) -> pd.DataFrame:
    """The launches that count: ended well, not set aside, with a time that is a positive number."""
    return launches[_counts(launches)]


def _counts(launches: pd.DataFrame) -> NDArray[np.bool_]:
    speed = launches["throughput"].to_numpy(dtype=float)
    well = (launches["status"] == Status.OK).to_numpy(dtype=bool)
    aside = launches["set_aside"].to_numpy(dtype=bool)
    with np.errstate(invalid="ignore"):
        counts: NDArray[np.bool_] = well & ~aside & np.isfinite(speed) & (speed > 0)
    return counts


def _arrays(launches: pd.DataFrame) -> dict[str, NDArray[Any]]:
    """The columns that comparisons look at, as far as they are there, each once for all settings."""
    numbers = {name: launches[name].to_numpy(dtype=float, na_value=np.nan) for name in _NUMBERS if name in launches}
    texts = {name: launches[name].to_numpy(dtype=object) for name in _TEXTS if name in launches}
    counts, aside = _counts(launches), launches["set_aside"].to_numpy(dtype=bool)
    return {
        **numbers,
        **texts,
        # Where the table tells of no callers, each launch has one.
        "callers": numbers.get("callers", np.ones(len(launches))),
        "period_s": numbers.get("period_s", numbers.get("call_s", np.full(len(launches), np.nan))),
        "round": launches["round"].to_numpy(dtype=np.int64),
        "counts": counts,
        "set_aside": aside,
        "timed_out": (launches["status"] == Status.TIMEOUT).to_numpy(dtype=bool),
        "failed": ~launches["status"].isin([Status.OK, Status.KILLED]).to_numpy(dtype=bool),
        # A table of before there were blocks: every launch is one of its own.
        "block": launches["block"].to_numpy(dtype=np.int64) if "block" in launches else np.arange(len(launches)),
        **{name: np.log(padded(launches[name].tolist())) for name in _SLICES if name in launches},
    }


class Counted:
    """The launches of one setting of a cell that count, in the order of their rounds.

    In a round there is one, but of a baseline, which is in each block of the round.
    """

    def __init__(self, columns: Mapping[str, NDArray[Any]], rows: NDArray[np.intp]) -> None:
        """`rows` are all launches of the setting on file. Raises AnalysisError if two of a block count."""
        self.on_file = len(rows)
        self.all_set_aside = bool(columns["set_aside"][rows].all())
        self.failed = int(columns["failed"][rows].sum())
        self.timed_out = int(columns["timed_out"][rows].sum())
        kept = rows[columns["counts"][rows]]
        self._columns = columns
        self._rows = kept[np.lexsort((columns["block"][kept], columns["round"][kept]))]
        self.rounds: NDArray[np.int64] = columns["round"][self._rows]
        self.blocks: NDArray[np.int64] = columns["block"][self._rows]
        twice = np.flatnonzero((np.diff(self.rounds) == 0) & (np.diff(self.blocks) == 0))
        if len(twice):
            raise AnalysisError(
                f"tables/launches.parquet: {columns['id'][self._rows[twice[0] + 1]]} is the second launch of its "
                "setting that counts in one block of its round",
                "make the table again with `python -m analysis.tables.tidy`",
            )

    @staticmethod
    def of(launches: pd.DataFrame) -> Counted:
        """Of the launches of one setting."""
        return Counted(_arrays(launches), np.arange(len(launches)))

    def numbers(self, column: str) -> NDArray[np.float64]:
        """A column of numbers; NaN where unknown."""
        values: NDArray[np.float64] = self._columns[column][self._rows]
        return values

    def texts(self, column: str) -> list[str]:
        """A column of text; "None" or "<NA>" where unknown."""
        return [str(value) for value in self._columns[column][self._rows]]

    def log_of(self, metric: Metric) -> NDArray[np.float64]:
        """Logarithm of the metric, a launch each, with the sign that makes more of it better; NaN without a value."""
        values = self.numbers(metric.column)
        known = (values > 0) & np.isfinite(values)
        if metric.fewest_samples > 1:
            known &= self.numbers("samples") >= metric.fewest_samples
        logs: NDArray[np.float64] = np.log(values, where=known, out=np.full(len(values), np.nan))
        return logs if metric.higher_is_better else -logs

    @property
    def has_slices(self) -> bool:
        """Whether the table tells of slices."""
        return all(name in self._columns for name in _SLICES)

    def slices(self, column: str) -> NDArray[np.float64]:
        """Logarithms of a time in each slice (launches x cycles); NaN where a cycle does not count, or is none."""
        values: NDArray[np.float64] = self._columns[column][self._rows]
        return values


class CountedSettings:
    """`Counted` of each setting of each cell; to look each up in the whole table would take its square."""

    def __init__(self, launches: pd.DataFrame) -> None:
        """Raises AnalysisError if two launches of one setting and block count."""
        columns = _arrays(launches)
        groups = launches.groupby(KEYS, sort=False).indices if len(launches) else {}
        self._settings = {key: Counted(columns, np.asarray(rows)) for key, rows in groups.items()}
        self._nothing = Counted(columns, np.arange(0))

    def of(self, cell: Cell, setting: str) -> Counted:
        """Of the setting of that id; without launches where it has none on file."""
        return self._settings.get((cell.sweep, cell.workload, cell.definition, setting), self._nothing)
