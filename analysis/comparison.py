"""What a comparison is: a setting held against its cell's baseline, one row of tables/comparisons.csv."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import AnalysisError
from analysis.tables import COMPARISONS

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


def to_table(comparisons: Sequence[Comparison]) -> pd.DataFrame:
    """Comparisons as the table that comparisons.csv holds."""
    names = [field.name for field in fields(Comparison)]
    return pd.DataFrame([asdict(one) for one in comparisons], columns=names)


def read_comparisons(root: Path) -> list[Comparison]:
    """The rows of tables/comparisons.csv of a machine's folder. Raises AnalysisError."""
    path = root / COMPARISONS
    if not path.is_file():
        raise AnalysisError(f"{path} is missing; run `python -m analysis.stats --results {root}` first")
    # As text: a setting's id such as 12345678 or 1234e567 would come back as a number.
    table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")
    return [
        Comparison(**{str(name): _value(str(name), text) for name, text in row.items()})
        for row in table.to_dict("records")
    ]


_KINDS = {field.name: str(field.type) for field in fields(Comparison)}


def _value(column: str, text: str) -> Any:
    if _KINDS[column] == "int":
        return int(text)
    if _KINDS[column] == "float | None":
        return float(text) if text else None
    return text
