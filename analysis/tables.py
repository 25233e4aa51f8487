"""The three tables that the stages hand to each other: where they lie, and their columns.

launches.parquet     one row a launch, failed ones included, in the plan's order
samples.parquet      one row a sample: record id, index from 0, seconds a call, warmup flag
comparisons.csv      one row for each setting of a cell that is not its baseline

Columns are documented where they are made: analysis.tidy and analysis.comparison.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.errors import AnalysisError

LAUNCHES = "tables/launches.parquet"
SAMPLES = "tables/samples.parquet"
COMPARISONS = "tables/comparisons.csv"

# Six significant digits are two more than the best launch on record repeats to.
_DIGITS = "%.6g"


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet or CSV by the path's suffix; the same table gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        table.to_csv(path, index=False, float_format=_DIGITS, lineterminator="\n", encoding="utf-8")
    else:
        table.to_parquet(path, index=False, engine="pyarrow", compression="zstd")


def read_launches(root: Path) -> pd.DataFrame:
    """tables/launches.parquet of a machine's folder. Raises AnalysisError."""
    return _parquet(root / LAUNCHES)


def read_samples(root: Path) -> pd.DataFrame:
    """tables/samples.parquet of a machine's folder. Raises AnalysisError."""
    return _parquet(root / SAMPLES)


def _parquet(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise AnalysisError(f"{path} is missing; run `python -m analysis.tidy --results {path.parent.parent}` first")
    return pd.read_parquet(path, engine="pyarrow")
