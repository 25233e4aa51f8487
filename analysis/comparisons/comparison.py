"""What a comparison is: a setting held against its cell's baseline, one row of tables/comparisons.csv."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from analysis.tables.tables import COMPARISONS, read_rows

FASTER = "faster"
SLOWER = "slower"
EQUIVALENT = "equivalent"
UNRESOLVED = "no difference resolved"
ONE_ROUND = "not resolved: one round only"
NO_VARIANCE = "not resolved: no variance"
NO_BASELINE = "no baseline"
TWO_IMAGES = "not compared: two images"
TWO_UNITS = "not compared: two units"
NO_LAUNCH = "not compared: not measured yet"
ALL_FAILED = "not compared: every launch failed"
ALL_SET_ASIDE = "not compared: every launch set aside"
NO_PAIR = "not compared: no round with both"


@dataclass(frozen=True)
class Comparison:
    """One row of comparisons.csv: a setting against its cell's baseline."""

    sweep: str
    workload: str
    definition: str
    setting: str  # id
    label: str
    baseline: str  # id
    baseline_label: str
    rounds: int  # as planned
    pairs: int  # rounds in which both gave a valid measurement
    missing: int  # rounds less pairs
    verdict: str
    speedup: float | None = None  # ratio of work a second; > 1: faster than the baseline
    low: float | None = None
    high: float | None = None
    sd_log_ratio: float | None = None
    p: float | None = None
    p_adjusted: float | None = None  # Holm, within the sweep
    family: int = 0  # comparisons that were adjusted together
    p_equivalence: float | None = None  # two one-sided tests at `margin`, unadjusted
    margin: float | None = None  # 0.02: speed-ups from 1/1.02 to 1.02 make no difference that matters
    resolvable: float | None = None  # see `smallest_resolvable`
    speedup_of_means: float | None = None  # as speedup, with means for medians of samples
    median_s: float | None = None  # seconds a call, whatever its work: median over the paired launches
    baseline_median_s: float | None = None
    error: float | None = None  # the largest relative error of the setting's outputs, in the paired launches
    baseline_error: float | None = None
    directory: str = ""  # where the records lie; a record's id is sweep/workload@definition/ROUND/POSITION
    records: str = ""  # ROUND/POSITION of the setting's paired launches
    baseline_records: str = ""  # those of the baseline, in the same order
    unsteady: int = 0  # of the paired launches, both settings', those that analysis.tables.warmup calls unsteady

    @property
    def is_unsteady(self) -> bool:
        """Whether more than a quarter of its launches are."""
        return self.unsteady > self.pairs / 2


def read_comparisons(root: Path) -> list[Comparison]:
    """The rows of tables/comparisons.csv of a machine's folder. Raises AnalysisError."""
    return read_rows(root / COMPARISONS, Comparison, f"python -m analysis.comparisons.compare --results {root}")
