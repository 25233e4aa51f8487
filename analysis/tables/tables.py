"""The tables that the stages hand to each other, as Parquet: full digits, typed, lists as lists.

launches.parquet  one row a launch, failed ones included, in the plan's order
samples.parquet   one row a sample: record id, index from 0, seconds a call, warmup flag
slices.parquet    one row a slice: record id, cycle from 1, whether it was kept, what its calls took

The other tables have few rows, each a dataclass: a `RowTable` beside that dataclass says where they lie. What a column
means is told in the files themselves (analysis.tables.columns). CSV and LaTeX are made by analysis.export.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from analysis.tables.columns import Column, columns_of, schema, with_declarations
from workloads.vocabulary.errors import AnalysisError, naming

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Row = TypeVar("Row", bound="DataclassInstance")

LAUNCHES = "tables/launches.parquet"
SAMPLES = "tables/samples.parquet"
SLICES = "tables/slices.parquet"


@dataclass(frozen=True)
class RowTable(Generic[Row]):
    """A table of few rows, each a dataclass whose fields are the columns."""

    name: str  # of its file in tables/, without suffix
    row: type[Row]
    stage: str  # the module that makes it

    @property
    def file(self) -> str:
        """Where it lies, below the machine's folder."""
        return f"tables/{self.name}.parquet"

    @cached_property
    def _rows(self) -> TypeAdapter[list[Row]]:
        return TypeAdapter(list[self.row])  # type: ignore[name-defined]

    def write(self, root: Path, rows: Sequence[Row]) -> None:
        """Write the table of the machine's folder `root`. Raises OSError that names the file."""
        write_parquet(to_arrow(rows, self.row), root / self.file)

    def read(self, root: Path) -> list[Row]:
        """The rows in the machine's folder `root`. Raises AnalysisError."""
        path = root / self.file
        command = f"python -m {self.stage} --results {root}"
        if not path.is_file():
            raise AnalysisError(f"{path} is missing", f"run `{command}` first")
        try:
            return self._rows.validate_python(pq.read_table(path).to_pylist())
        except (ValidationError, pa.ArrowInvalid):
            raise AnalysisError(f"{path} is not a table of this version", f"run `{command}` again") from None


def read_plain(root: Path, name: str) -> list[dict[str, Any]]:
    """The rows of tables/NAME.parquet of a machine's folder, for a template to show. Raises AnalysisError."""
    path = root / f"tables/{name}.parquet"
    if not path.is_file():
        raise AnalysisError(f"{path} is missing", "run `snakemake --cores 1` to make it")
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def to_arrow(rows: Sequence[Row], kind: type[Row]) -> pa.Table:
    """Rows of a dataclass as a table with its fields for columns, also where there is no row."""
    columns = columns_of(kind)
    values = {column.name: [getattr(row, column.name) for row in rows] for column in columns}
    return pa.table(values, schema=schema(columns))


def write_frame(frame: pd.DataFrame, columns: Sequence[Column[Any]], path: Path) -> None:
    """Write a table of many rows, whose columns are among these. Raises OSError that names the file."""
    write_parquet(with_declarations(pa.Table.from_pandas(frame, preserve_index=False), columns), path)


def write_parquet(table: pa.Table, path: Path) -> None:
    """Write a table; the same table gives the same bytes. Raises OSError that names the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Times have few bytes in common but their first ones: split, they take two thirds of the room.
    numbers = [field.name for field in table.schema if field.type == pa.float64()]
    others = [name for name in table.column_names if name not in numbers]
    with naming(path):
        pq.write_table(table, path, compression="zstd", use_dictionary=others, use_byte_stream_split=numbers)


def read_launches(root: Path) -> pd.DataFrame:
    """tables/launches.parquet of a machine's folder. Raises AnalysisError."""
    return _frame(root / LAUNCHES)


def read_samples(root: Path) -> pd.DataFrame:
    """tables/samples.parquet of a machine's folder. Raises AnalysisError."""
    return _frame(root / SAMPLES)


def read_slices(root: Path) -> pd.DataFrame:
    """tables/slices.parquet of a machine's folder. Raises AnalysisError."""
    return _frame(root / SLICES)


def _frame(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise AnalysisError(
            f"{path} is missing", f"run `python -m analysis.tables.tidy --results {path.parent.parent}` first"
        )
    return pd.read_parquet(path, engine="pyarrow")
