"""The tables for other programs: the same rows in both forms, and every column told in the dictionary."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from analysis.claims import judge as claims
from analysis.comparisons import compare as stats
from analysis.comparisons import components
from analysis.export import twins as data
from analysis.export.dictionary import BOOLEAN, INTEGER, KNOB, NUMBER, TABLES, TEXT, column_of
from analysis.export.names import DICTIONARY, MADE, TWINS
from analysis.recommendations import recommend as recommendation
from analysis.tables import tidy
from tests.made.simulated import failed, switch, thread_grid, write_simulated_machine

ROOT = Path(__file__).parents[4]
KINDS = {"string": TEXT, "large_string": TEXT, "bool": BOOLEAN, "double": NUMBER, "int64": INTEGER, "int32": INTEGER}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A machine's folder with all tables, a failed launch among them."""
    root = tmp_path_factory.mktemp("machine")
    write_simulated_machine(
        root,
        [thread_grid(rounds=3), switch(rounds=3)],
        faults=lambda record: failed(record) if (record.sweep, record.round) == ("onednn", 2) else record,
    )
    for module in (tidy, stats, recommendation, components):
        assert module.main(["--results", str(root)]) == 0
    assert claims.main(["--results", str(root), "--claims", str(ROOT / "config/claims.yaml")]) == 0
    assert data.main(["--results", str(root)]) == 0
    return root


def test_it_makes_what_its_names_say(folder: Path) -> None:
    made = {f"tables/{path.name}" for path in (folder / "tables").iterdir()}
    assert set(MADE) <= made
    stems = {Path(name).stem for name in made if name.endswith((".parquet", ".csv"))}
    assert stems == {*TABLES, Path(DICTIONARY).stem}


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_in_the_dictionary_and_the_other_way_round(folder: Path, table: str) -> None:
    schema = pq.read_schema(folder / f"tables/{table}.parquet")
    found = {KNOB if name.startswith("knob:") else name for name in schema.names}
    assert found == {column.name for column in TABLES[table]}


@pytest.mark.parametrize("table", TABLES)
def test_columns_have_the_types_that_the_dictionary_tells(folder: Path, table: str) -> None:
    for field in pq.read_schema(folder / f"tables/{table}.parquet"):
        kind = str(getattr(field.type, "value_type", field.type))
        told = column_of(table, field.name)
        assert told is not None
        assert KINDS[kind] == told.type, field.name


@pytest.mark.parametrize("stem", [Path(name).stem for name in TWINS])
def test_both_forms_hold_the_same_rows(folder: Path, stem: str) -> None:
    parquet = pd.read_parquet(folder / f"tables/{stem}.parquet")
    with (folder / f"tables/{stem}.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(parquet) > 0
    for name, column in parquet.items():
        for text, value in zip((row[str(name)] for row in rows), column, strict=True):
            if pd.isna(value):
                assert text == "", name
            elif isinstance(value, float):
                assert float(text) == pytest.approx(value, rel=1e-5), name
            else:
                assert text == str(value), name


def test_every_column_is_told_once_with_a_meaning_and_a_unit_where_it_has_one(folder: Path) -> None:
    with (folder / DICTIONARY).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len({(row["table"], row["column"]) for row in rows}) == len(rows)
    for row in rows:
        assert row["meaning"]
        assert bool(row["unit"]) == (row["type"] in (INTEGER, NUMBER)), row
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
    assert "comparisons.csv is missing" in capsys.readouterr().err
