"""What a column is. It is declared once; rows, types, the data dictionary and the exports come from the declaration.

A table of many rows lists its columns as `Column`s, each with the function that gives its value. A table of few rows
is a dataclass, whose fields say their meaning and unit by `Told`:

    speedup: Annotated[float | None, Told("work a second over the baseline's", unit="1")]

Files carry the declaration with them: each field of a Parquet schema has its meaning and unit as metadata.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

import pandas as pd
import pyarrow as pa

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Value = str | int | float | bool | list[float] | None
Source = TypeVar("Source")

# Before the name of a knob: its column in the table of launches.
KNOB = "knob:"


class Type(StrEnum):
    """What the values of a column are. A cell without a value is null."""

    TEXT = "text"
    TEXTS = "list of texts"
    NUMBERS = "list of numbers"
    INTEGERS = "list of integers"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"


_ARROW = {
    Type.TEXT: pa.string(),
    Type.TEXTS: pa.list_(pa.string()),
    Type.NUMBERS: pa.list_(pa.float64()),
    Type.INTEGERS: pa.list_(pa.int64()),
    Type.INTEGER: pa.int64(),
    Type.NUMBER: pa.float64(),
    Type.BOOLEAN: pa.bool_(),
}
_PANDAS = {Type.TEXT: "string", Type.INTEGER: "Int64", Type.NUMBER: "float64", Type.BOOLEAN: "boolean"}


@dataclass(frozen=True)
class Column(Generic[Source]):
    """One column of a table whose rows are made of `Source`s."""

    name: str
    type: Type
    unit: str  # 1 for a plain ratio or count; empty for what has none
    meaning: str
    of: Callable[[Source], Value] | None = None  # None: it is computed for all rows together

    def series(self, values: Iterable[Value]) -> pd.Series:
        """Values as pandas holds them; a column without any value keeps its type."""
        return pd.Series(list(values), dtype=_PANDAS.get(self.type, "object"))


@dataclass(frozen=True)
class Told:
    """Meaning and unit of a dataclass's field, for `Annotated`."""

    meaning: str
    unit: str = ""


def columns_of(row: type[DataclassInstance]) -> list[Column[Any]]:
    """The columns that the fields of a dataclass declare, in their order. Raises TypeError for one without `Told`."""
    hints = get_type_hints(row, include_extras=True)
    return [_column(field.name, hints[field.name]) for field in fields(row)]


def _column(name: str, hint: Any) -> Column[Any]:
    told = (
        [annotation for annotation in get_args(hint) if isinstance(annotation, Told)]
        if get_origin(hint) is Annotated
        else []
    )
    if not told:
        raise TypeError(f"field {name} does not tell its meaning; annotate it with Told")
    return Column(name, _type(get_args(hint)[0]), told[0].unit, told[0].meaning)


def _type(hint: Any) -> Type:
    if get_origin(hint) in (Union, types.UnionType):
        (hint,) = (argument for argument in get_args(hint) if argument is not type(None))
    if get_origin(hint) is tuple:
        return {str: Type.TEXTS, float: Type.NUMBERS, int: Type.INTEGERS}[get_args(hint)[0]]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return Type.TEXT
    return {str: Type.TEXT, int: Type.INTEGER, float: Type.NUMBER, bool: Type.BOOLEAN}[hint]


def schema(columns: Iterable[Column[Any]]) -> pa.Schema:
    """The schema of a file with these columns."""
    return pa.schema([_declared(pa.field(column.name, _ARROW[column.type]), column) for column in columns])


def with_declarations(table: pa.Table, columns: Iterable[Column[Any]]) -> pa.Table:
    """The same table, its fields with meaning and unit. Raises KeyError for another column.

    Types stay as they are, but for a column without any value, of which pandas knows no type.
    """
    known = {column.name: column for column in columns}
    for index, field in enumerate(table.schema):
        if pa.types.is_null(field.type):
            values = table.column(index).cast(_ARROW[known[field.name].type])
            table = table.set_column(index, field.name, values)
    declared = [_declared(field, known[field.name]) for field in table.schema]
    return pa.Table.from_arrays(table.columns, schema=pa.schema(declared, metadata=table.schema.metadata))


def _declared(field: pa.Field, column: Column[Any]) -> pa.Field:
    return field.with_metadata({"meaning": column.meaning, "unit": column.unit})


def declarations(schema: pa.Schema) -> list[Column[Any]]:
    """The columns as a file declares them, in its order."""
    return [_declaration(field) for field in schema]


def _declaration(field: pa.Field) -> Column[Any]:
    told = field.metadata or {}
    return Column(field.name, _type_of(field.type), told.get(b"unit", b"").decode(), told.get(b"meaning", b"").decode())


def _type_of(kind: pa.DataType) -> Type:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_list(kind):
        whole = Type.INTEGERS if pa.types.is_integer(kind.value_type) else Type.NUMBERS
        return Type.TEXTS if pa.types.is_string(kind.value_type) else whole
    if pa.types.is_integer(kind):
        return Type.INTEGER
    if pa.types.is_boolean(kind):
        return Type.BOOLEAN
    return Type.NUMBER if pa.types.is_floating(kind) else Type.TEXT


SweepName = Annotated[str, Told("the experiment, as named in the config")]
WorkloadName = Annotated[str, Told("what was run, as named in the config")]
Definition = Annotated[str, Told("identity of all that the records of this sweep and workload depend on")]
SettingId = Annotated[str, Told("identity of the setting's values")]
Label = Annotated[str, Told("the setting as knob=value, resolved on this machine")]

# Columns that several tables have.
Directory = Annotated[str, Told("where the records are, below the machine's folder")]
