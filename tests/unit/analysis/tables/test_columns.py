"""A column is declared once: types, units and meanings of a file are those of its rows' declaration."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.tables.columns import Column, Told, Type, columns_of, declarations, with_declarations
from analysis.tables.tables import RowTable
from workloads.vocabulary.errors import AnalysisError


class Colour(StrEnum):
    """A choice."""

    RED = "red"


@dataclass(frozen=True)
class Thing:
    """A row with a field of each type."""

    name: Annotated[str, Told("what it is called")]
    colour: Annotated[Colour, Told("how it looks")]
    weight: Annotated[float | None, Told("how heavy it is", "kg")]
    count: Annotated[int | None, Told("how many there are", "1")]
    real: Annotated[bool, Told("whether it is there")]
    parts: Annotated[tuple[str, ...], Told("what it is made of")] = ()


THINGS = RowTable("things", Thing, "somewhere.else")
ONE = Thing("12345678", Colour.RED, 0.1 + 0.2, 2**53 + 1, False, ("a b", "c; d"))
NONE = Thing("", Colour.RED, None, None, True)


def test_what_is_written_is_read_in_full_and_with_its_types(tmp_path: Path) -> None:
    THINGS.write(tmp_path, [ONE, NONE])
    assert THINGS.read(tmp_path) == [ONE, NONE]
    assert THINGS.read(tmp_path)[0].colour is Colour.RED


def test_a_table_without_rows_has_its_columns_and_types(tmp_path: Path) -> None:
    THINGS.write(tmp_path, [])
    assert THINGS.read(tmp_path) == []
    assert declarations(pq.read_schema(tmp_path / THINGS.file)) == columns_of(Thing)


def test_types_and_units_are_those_of_the_fields() -> None:
    told = [(column.type, column.unit) for column in columns_of(Thing)]
    assert told == [
        (Type.TEXT, ""),
        (Type.TEXT, ""),
        (Type.NUMBER, "kg"),
        (Type.INTEGER, "1"),
        (Type.BOOLEAN, ""),
        (Type.TEXTS, ""),
    ]


def test_a_field_that_tells_no_meaning_is_refused() -> None:
    @dataclass(frozen=True)
    class Silent:
        name: str

    with pytest.raises(TypeError, match="field name does not tell its meaning"):
        columns_of(Silent)


def test_a_column_that_nobody_declared_is_refused() -> None:
    with pytest.raises(KeyError, match="other"):
        with_declarations(pa.table({"other": [1]}), [Column("one", Type.INTEGER, "1", "the only one")])


def test_a_file_of_another_version_is_refused_with_what_makes_it_again(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    pq.write_table(pa.table({"name": ["x"], "colour": ["green"]}), tmp_path / THINGS.file)
    with pytest.raises(AnalysisError, match=r"is not a table of this version.*somewhere\.else"):
        THINGS.read(tmp_path)
