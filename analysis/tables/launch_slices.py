"""What the slices of many launches come to: one row a slice, and for each launch its time of a call.

Within a slice the time of a call is work over time, all counted calls over all their time, so that stalls count. Over
the slices of a launch it is a robust location (analysis.statistics.location). Comparisons take the slices' own times,
cycle by cycle; this is what is told of a launch alone.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.statistics.location import location
from analysis.tables.columns import Value
from analysis.tables.slice_columns import SLICE_COLUMNS, TimedSlice
from workloads.vocabulary.record import Measurement, Record

_FEWEST_TO_TELL = 3


class LaunchSlices:
    """Collects the slices of launches, in their order."""

    def __init__(self) -> None:
        """None yet."""
        self._columns: dict[str, list[Value]] = {column.name: [] for column in SLICE_COLUMNS if column.of}
        self._of = [(self._columns[column.name].extend, column.of) for column in SLICE_COLUMNS if column.of]
        self._counts: list[int] = []
        self._samples: list[int] = []

    def add(self, record: Record, measurement: Measurement | None) -> None:
        """The next launch; None: its times cannot be believed, or there are none."""
        slices = _timed(record, measurement) if measurement else []
        self._counts.append(len(slices))
        self._samples.extend(len(timed.slice.samples) for timed in slices)
        for extend, of in self._of:
            extend(map(of, slices))

    def columns(self) -> dict[str, Sequence[Value]]:
        """By the names of their columns in the table of launches; a value a launch."""
        known, owner = self._known(), self._owner()
        ends = np.cumsum(self._counts, dtype=np.int64)
        starts = ends - np.array(self._counts, dtype=np.int64)
        spans = [slice(start, end) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
        work, typical = (np.array(self._columns[name], dtype=float) for name in ("work_s", "median_s"))
        columns: dict[str, Sequence[Value]] = {}
        for name, times in (("slice_work_s", work), ("slice_median_s", typical)):
            values = np.where(known, times, np.nan).tolist()
            columns[name] = [values[span] or None for span in spans]
        logs = np.full((len(spans), max(self._counts, default=0)), np.nan)
        logs[owner, np.arange(len(owner)) - starts[owner]] = np.log(np.where(known, work, np.nan))
        columns["call_s"] = np.exp(location(logs)).tolist()
        return columns

    def machine(self, blocks: Sequence[tuple[str, int, int]]) -> NDArray[np.float64]:
        """How much slower each sample's cycle was than usual, by all launches of its block (shape: samples that count).

        `blocks` are the launches'. 1 where fewer than three launches took turns together: two could not tell whose
        change it is.
        """
        known, owner = self._known(), self._owner()
        logs = np.where(known, np.log(np.array(self._columns["median_s"], dtype=float)), np.nan)
        names = {block: code for code, block in enumerate(dict.fromkeys(blocks))}
        codes = np.array([names[block] for block in blocks], dtype=np.int64)
        slices = pd.DataFrame({"owner": owner, "block": codes[owner], "cycle": self._columns["cycle"], "log": logs})
        slices["log"] -= slices.groupby("owner")["log"].transform("median")
        cycles = slices.groupby(["block", "cycle"])["log"]
        shared = cycles.transform("median").where(cycles.transform("count") >= _FEWEST_TO_TELL, 0.0)
        return np.repeat(np.exp(shared.to_numpy(dtype=float)[known]), np.array(self._samples, dtype=np.int64)[known])

    def _owner(self) -> NDArray[np.int32]:
        return np.repeat(np.arange(len(self._counts), dtype=np.int32), np.array(self._counts, dtype=np.int64))

    def _known(self) -> NDArray[np.bool_]:
        """The slices that say what their launch took: of kept cycles, or all of a launch that is set aside."""
        kept, owner = np.array(self._columns["kept"], dtype=bool), self._owner()
        any_kept = np.bincount(owner[kept], minlength=len(self._counts)) > 0
        known: NDArray[np.bool_] = kept | ~any_kept[owner]
        return known

    def frame(self, ids: pd.Series) -> pd.DataFrame:
        """The table of slices; `ids` are the launches'."""
        owner = self._owner()
        categories = pd.Index(ids.astype(object), dtype=object)
        series = {"id": pd.Series(pd.Categorical.from_codes(owner, categories=categories))}
        series |= {column.name: column.series(self._columns[column.name]) for column in SLICE_COLUMNS if column.of}
        return pd.DataFrame(series)


def padded(lists: Sequence[Value]) -> NDArray[np.float64]:
    """Lists of numbers as rows of one length, NaN at their ends (shape: lists x the longest)."""
    rows = [row if isinstance(row, list | np.ndarray) else [] for row in lists]
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    values = np.full((len(rows), int(lengths.max(initial=0))), np.nan)
    if values.size:
        values[np.arange(values.shape[1]) < lengths[:, np.newaxis]] = np.concatenate([row for row in rows if len(row)])
    return values


def _timed(record: Record, measurement: Measurement) -> list[TimedSlice]:
    turns = record.turns
    return [
        TimedSlice(
            cycle=index + 1,
            place=turns.places[index] if index < len(turns.places) else None,
            kept=index < len(turns.kept) and turns.kept[index],
            slice=taken,
            calls_per_sample=measurement.calls_per_sample,
            tick=turns.ticks[index] if index < len(turns.ticks) else None,
        )
        for index, taken in enumerate(measurement.slices)
    ]
