"""The tables for other programs and for papers: CSV and Parquet, the dictionary of their columns, LaTeX.

The stages leave each table in one form; this makes the other one of the same rows. CSV holds six significant digits.
Samples stay Parquet alone: a line of a CSV would repeat its record's id for each number.

    python -m analysis.export.twins --results results/MACHINE
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.export import latex
from analysis.export.dictionary import INTEGER, NUMBER, TABLES, Column, column_of
from analysis.export.names import DICTIONARY, TWINS
from analysis.tables.tables import read_launches, write_table
from workloads.vocabulary.command_line import stage
from workloads.vocabulary.errors import AnalysisError


def typed(path: Path, table: str) -> pd.DataFrame:
    """A table of a CSV file, with the dictionary's types; what is empty is null. Raises AnalysisError."""
    if not path.is_file():
        raise AnalysisError(f"{path} is missing", "run `snakemake --cores 1` to make it")
    # As text first: an identity such as 1234e567 would come back as a number.
    rows = pd.read_csv(path, dtype="string", keep_default_na=False, na_values=[""], encoding="utf-8")
    return pd.DataFrame({name: _as(rows[name], column_of(table, str(name))) for name in rows.columns})


def _as(values: pd.Series, column: Column | None) -> pd.Series:
    if column is None or column.type not in (INTEGER, NUMBER):
        return values
    numbers = pd.to_numeric(values)
    return numbers.astype("Int64") if column.type == INTEGER else numbers.astype("float64")


def dictionary() -> pd.DataFrame:
    """The dictionary as a table: table, column, type, unit, meaning."""
    rows = [(table, *column) for table, columns in TABLES.items() for column in columns]
    return pd.DataFrame(rows, columns=["table", "column", "type", "unit", "meaning"])


def write(root: Path) -> None:
    """Make the files of analysis.export.names in the machine's folder `root`. Raises AnalysisError."""
    for file in TWINS:
        path = root / file
        if path.suffix == ".csv":
            write_table(read_launches(root), path)
        else:
            write_table(typed(path.with_suffix(".csv"), path.stem), path)
    write_table(dictionary(), root / DICTIONARY)
    latex.write(root)


main = stage(write)


if __name__ == "__main__":
    raise SystemExit(main())
