"""The tables that the stages hand to each other: where they lie, and their columns.

launches.parquet     one row a launch, failed ones included, in the plan's order
samples.parquet      one row a sample: record id, index from 0, seconds a call, warmup flag
comparisons.csv      one row for each setting of a cell that is not its baseline
claims.csv           one row for each claim
recommendations.csv  one row for each cell whose baseline is TensorFlow's defaults
components.csv       one row for each workload: where the noise of its launches comes from

Columns are told in analysis.export.dictionary, which goes beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from workloads.vocabulary.errors import AnalysisError, naming

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Row = TypeVar("Row", bound="DataclassInstance")

LAUNCHES = "tables/launches.parquet"
SAMPLES = "tables/samples.parquet"
COMPARISONS = "tables/comparisons.csv"
CLAIMS = "tables/claims.csv"
RECOMMENDATIONS = "tables/recommendations.csv"
COMPONENTS = "tables/components.csv"

# Six significant digits are two more than the best launch on record repeats to.
_DIGITS = "%.6g"


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet or CSV by the path's suffix; the same table gives the same bytes.

    Raises OSError that names the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with naming(path):
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


def to_table(rows: Sequence[Row], kind: type[Row]) -> pd.DataFrame:
    """Rows of a dataclass as a table with its fields for columns, also where there is no row."""
    return pd.DataFrame([asdict(row) for row in rows], columns=[field.name for field in fields(kind)])


def read_rows(path: Path, kind: type[Row], remedy: str) -> list[Row]:
    """The rows of a CSV file of `to_table`; its fields are texts, int or float | None. Raises AnalysisError."""
    if not path.is_file():
        raise AnalysisError(f"{path} is missing", f"run `{remedy}` first")
    kinds = {field.name: str(field.type) for field in fields(kind)}
    # As text: a setting's id such as 12345678 or 1234e567 would come back as a number.
    table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8")
    return [
        kind(**{str(name): _value(kinds[str(name)], text) for name, text in row.items()})
        for row in table.to_dict("records")
    ]


def _value(kind: str, text: str) -> Any:
    if kind == "int":
        return int(text)
    if kind == "float | None":
        return float(text) if text else None
    return text


def _parquet(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise AnalysisError(
            f"{path} is missing", f"run `python -m analysis.tables.tidy --results {path.parent.parent}` first"
        )
    return pd.read_parquet(path, engine="pyarrow")
