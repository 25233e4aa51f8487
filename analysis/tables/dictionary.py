"""The data dictionary: what every column of every table means, with type and unit, as the tables' files declare it.

Empty cells are unknown, or there is nothing to say. A unit of 1 is a plain ratio or count. The column `knob:NAME`
stands for one column for each knob of the plan.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pyarrow as pa

from analysis.tables.as_csv import write_rows_csv
from analysis.tables.columns import KNOB, Told, declarations


@dataclass(frozen=True)
class Entry:
    """What one column of a table is."""

    table: Annotated[str, Told("the table's file in tables/, without suffix")]
    column: Annotated[str, Told("the column's name")]
    type: Annotated[str, Told("text, list of texts, integer, number or boolean")]
    unit: Annotated[str, Told("the unit; 1: a plain ratio or count")]
    meaning: Annotated[str, Told("what it means")]


def write_dictionary(schemas: Mapping[str, pa.Schema], path: Path) -> None:
    """Write the dictionary of these tables (name -> schema) as CSV. Raises OSError that names the file."""
    write_rows_csv(dictionary(schemas), Entry, path)


def dictionary(schemas: Mapping[str, pa.Schema]) -> list[Entry]:
    """An entry for each column of these tables (name -> schema), in their order."""
    return [entry for table, schema in schemas.items() for entry in dict.fromkeys(_entries(table, schema))]


def _entries(table: str, schema: pa.Schema) -> list[Entry]:
    return [
        Entry(
            table=table,
            column=f"{KNOB}NAME" if column.name.startswith(KNOB) else column.name,
            type=column.type,
            unit=column.unit,
            meaning=column.meaning,
        )
        for column in declarations(schema)
    ]
