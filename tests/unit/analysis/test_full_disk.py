"""A disk that is full stops a stage in one sentence that names the file; /dev/full is what the kernel has for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib.pyplot as plt
import pyarrow as pa
import pytest

from analysis.figures import style
from analysis.tables.as_csv import write_table_csv
from analysis.tables.tables import write_parquet
from workloads.vocabulary.documents import write_text
from workloads.vocabulary.errors import command

TABLE = pa.table({"speed": [1.0, 2.0]})


def draw(path: Path) -> None:
    style.save(plt.figure(), path.parent, path.stem)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("launches.parquet", lambda path: write_parquet(TABLE, path)),
        ("claims.csv", lambda path: write_table_csv(TABLE, path)),
        ("speedup.png", draw),
    ],
)
def test_a_stage_says_which_file_the_disk_has_no_room_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, write: Callable[[Path], None]
) -> None:
    path = tmp_path / name
    path.symlink_to("/dev/full")
    assert command(lambda: write(path)) == 2
    assert capsys.readouterr().err == (
        f"threadmark: No space left on device ({path}); free space or permissions, then run again\n"
    )


def test_a_document_that_finds_no_room_leaves_the_old_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "plan.json"
    path.write_text("old")
    (tmp_path / "plan.json.writing").symlink_to("/dev/full")
    assert command(lambda: write_text(path, "new")) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"threadmark: No space left on device ({path}); free space")
    assert path.read_text() == "old"


def test_an_error_that_names_a_file_keeps_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "taken").write_text("")
    assert command(lambda: write_text(tmp_path / "taken" / "report.md", "text")) == 2
    assert f"({tmp_path / 'taken'})" in capsys.readouterr().err
