"""The names of the files that analysis.export.twins makes. Snakemake asks before there is a table."""

from collections.abc import Iterable
from pathlib import PurePosixPath

DICTIONARY = "tables/dictionary.csv"
LATEX = ["tables/claims.tex", "tables/comparisons.tex", "tables/recommendations.tex"]

# A line of their CSV would repeat its record's id for a few numbers.
_PARQUET_ONLY = ("tables/samples.parquet", "tables/slices.parquet")


def csv_of(tables: Iterable[str]) -> list[str]:
    """The CSV twins of these Parquet files, below the machine's folder."""
    return [str(PurePosixPath(file).with_suffix(".csv")) for file in tables if file not in _PARQUET_ONLY]


def made(tables: Iterable[str]) -> list[str]:
    """All that is made of these Parquet files, below the machine's folder."""
    return [*csv_of(tables), DICTIONARY, *LATEX]
