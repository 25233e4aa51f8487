"""What the first rounds of a cell say, as arrays: the view on which decisions about further rounds rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.comparisons.metrics import first_metric
from analysis.comparisons.pairing import paired
from analysis.comparisons.valid_launches import Counted
from workloads.vocabulary.plan import Cell


@dataclass(frozen=True)
class Rounds:
    """A cell's rounds 1 to n. Rows are its settings, in the cell's order; columns are rounds."""

    settings: list[str]  # ids
    baseline: int  # its row
    asked: NDArray[np.bool_]  # the setting was launched in the round, whatever came of it
    dropped: NDArray[np.bool_]  # the round's race went on without the setting
    log_ratios: NDArray[np.float64]  # of the first metric; NaN where one of the two does not count
    round_s: NDArray[np.float64]  # what each round took, from its launches' start to their end

    @property
    def number(self) -> int:
        """How many rounds there are."""
        return int(self.asked.shape[1])

    @property
    def spent_s(self) -> float:
        """What all rounds took."""
        return float(self.round_s.sum())

    @property
    def launch_s(self) -> float:
        """What a further launch may take: its part of a round, in the round where that was largest."""
        return float((self.round_s / np.maximum(self.asked.sum(axis=0), 1)).max())


def rounds_of(cell: Cell, launches: pd.DataFrame, number: int) -> Rounds:
    """The first `number` rounds of a cell, from its rows of tables/launches.parquet.

    Raises AnalysisError if two launches of one setting count in one round.
    """
    until = launches[launches["round"] <= number]
    ids = [setting.id for setting in cell.settings]
    asked = np.zeros((len(ids), number), dtype=bool)
    dropped = np.zeros_like(asked)
    log_ratios = np.full((len(ids), number), np.nan)
    of_setting = {setting: until[until["setting"] == setting] for setting in ids}
    metric = first_metric(cell)
    base = Counted.of(of_setting[cell.baseline])
    for row, launches_of_setting in enumerate(of_setting.values()):
        places = launches_of_setting["round"].to_numpy(dtype=int) - 1
        asked[row, places] = True
        dropped[row, places] = launches_of_setting["dropped_after"].notna().to_numpy()
        pairs = paired(Counted.of(launches_of_setting), base, metric)
        log_ratios[row, pairs.rounds - 1] = pairs.log_ratios
    round_s = np.array([together_s(until[until["round"] == round_]) for round_ in range(1, number + 1)])
    return Rounds(ids, ids.index(cell.baseline), asked, dropped, log_ratios, round_s)


def together_s(launches: pd.DataFrame) -> float:
    """How long at least one of the launches was up; a run that was interrupted has gaps, which nobody spent."""
    starts = pd.to_datetime(launches["started_at"], utc=True).dt.as_unit("ns").astype("int64").to_numpy() / 1e9
    order = np.argsort(starts)
    starts, ends = starts[order], (starts + launches["wall_s"].to_numpy(dtype=float))[order]
    reached = np.maximum.accumulate(ends)
    before = np.concatenate([starts[:1], reached[:-1]])
    return float(np.maximum(0.0, ends - np.maximum(starts, before)).sum())
