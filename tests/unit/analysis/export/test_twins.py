"""The tables for other programs: the same rows as CSV, and every column told in the dictionary."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from analysis.export import twins as data
from analysis.export.names import DICTIONARY, csv_of, made
from analysis.tables.columns import Type, declarations
from tests.made.analysed import make_tables
from tests.made.simulated import failed, switch, thread_grid, write_simulated_machine

NAMES = (
    "launches",
    "samples",
    "slices",
    "comparisons",
    "claims",
    "overview",
    "recommendations",
    "census",
    "components",
    "importance",
    "latencies",
    "resources",
    "searches",
)
TABLES = [f"tables/{name}.parquet" for name in NAMES]
MADE = made(TABLES)
EMPTY = ("tables/latencies.parquet", "tables/searches.parquet")  # nothing simulated here is about them


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A machine's folder with all tables, a failed launch among them."""
    root = tmp_path_factory.mktemp("machine")
    write_simulated_machine(
        root,
        [thread_grid(rounds=3), switch(rounds=3)],
        faults=lambda record: failed(record) if (record.sweep, record.round) == ("onednn", 2) else record,
    )
    make_tables(root)
    assert data.main(["--results", str(root)]) == 0
    return root


def entries(folder: Path) -> list[dict[str, str]]:
    """The dictionary."""
    with (folder / DICTIONARY).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_it_makes_what_its_names_say(folder: Path) -> None:
    assert {f"tables/{path.name}" for path in (folder / "tables").iterdir()} == {*TABLES, *MADE}


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_in_the_dictionary_as_its_file_declares_it(folder: Path, table: str) -> None:
    told = {entry["column"]: entry for entry in entries(folder) if entry["table"] == Path(table).stem}
    for column in declarations(pq.read_schema(folder / table)):
        entry = told["knob:NAME" if column.name.startswith("knob:") else column.name]
        assert (entry["type"], entry["unit"], entry["meaning"]) == (column.type, column.unit, column.meaning)


@pytest.mark.parametrize("table", [table for table in TABLES if csv_of([table])])
def test_both_forms_hold_the_same_rows(folder: Path, table: str) -> None:
    parquet = pd.read_parquet(folder / table)
    with (folder / csv_of([table])[0]).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(parquet)
    assert rows or table in EMPTY
    for name, column in parquet.items():
        for text, value in zip((row[str(name)] for row in rows), column, strict=True):
            if not pd.api.types.is_scalar(value):
                assert text == "; ".join(entry if isinstance(entry, str) else f"{entry:.6g}" for entry in value), name
            elif pd.isna(value):
                assert text == "", name
            elif isinstance(value, float):
                assert float(text) == pytest.approx(value, rel=1e-5), name
            else:
                assert text == str(value), name


def test_every_column_is_told_once_with_a_meaning_and_a_unit_where_it_has_one(folder: Path) -> None:
    rows = entries(folder)
    assert len({(row["table"], row["column"]) for row in rows}) == len(rows)
    for row in rows:
        assert row["meaning"]
        assert bool(row["unit"]) == (row["type"] in (Type.INTEGER, Type.NUMBER, Type.INTEGERS, Type.NUMBERS)), row
        if row["column"].endswith("_s"):
            assert row["unit"] == "s", row


def test_the_same_tables_give_the_same_bytes(folder: Path) -> None:
    before = {name: (folder / name).read_bytes() for name in MADE}
    assert data.main(["--results", str(folder)]) == 0
    assert before == {name: (folder / name).read_bytes() for name in MADE}


def test_a_missing_table_is_named(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/launches.parquet").write_bytes((folder / "tables/launches.parquet").read_bytes())
    assert data.main(["--results", str(tmp_path)]) == 2
    assert "claims.parquet is missing" in capsys.readouterr().err
