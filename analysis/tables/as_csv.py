"""Tables as CSV, for people and other programs: six significant digits, lists separated by semicolons."""

from collections.abc import Sequence
from math import isnan
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.tables.tables import Row, to_arrow
from workloads.vocabulary.errors import naming

# Six significant digits are two more than the best launch on record repeats to.
_DIGITS = "%.6g"
_BETWEEN = "; "
_PANDAS = {pa.string(): pd.StringDtype(), pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}


def write_table_csv(table: pa.Table, path: Path) -> None:
    """Write a table that stages hand on; the same table gives the same bytes. Raises OSError that names the file."""
    frame = table.to_pandas(types_mapper=_PANDAS.get, ignore_metadata=True)
    for field in table.schema:
        if pa.types.is_list(field.type):
            frame[field.name] = frame[field.name].map(_joined)
    path.parent.mkdir(parents=True, exist_ok=True)
    with naming(path):
        frame.to_csv(path, index=False, float_format=_DIGITS, lineterminator="\n", encoding="utf-8")


def _joined(values: Sequence[str | float] | None) -> str:
    return "" if values is None else _BETWEEN.join(map(_one, values))


def _one(value: str | float) -> str:
    if isinstance(value, str | int | np.integer):
        return str(value)
    return "" if isnan(value) else _DIGITS % value


def write_rows_csv(rows: Sequence[Row], kind: type[Row], path: Path) -> None:
    """Write rows of a dataclass, its fields for columns, also where there is no row. Raises OSError."""
    write_table_csv(to_arrow(rows, kind), path)
