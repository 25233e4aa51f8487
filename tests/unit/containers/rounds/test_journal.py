"""No record is lost, doubled or half-written."""

import os
from pathlib import Path

import pytest

from containers.rounds.journal import Journal
from tests.made import records
from workloads.vocabulary.errors import DocumentError
from workloads.vocabulary.record import FORMAT, to_json

CELL = records.cell()


def filled(path: Path, count: int) -> Journal:
    journal = Journal(path)
    for position in range(1, count + 1):
        journal.append(records.failed(CELL, position=position))
    return journal


def test_a_round_gets_its_name_only_when_it_is_finished(tmp_path: Path) -> None:
    path = tmp_path / "deep/1.jsonl"
    journal = filled(path, 2)
    assert not path.exists()
    journal.finish()
    assert path.read_text().splitlines() == [to_json(record) for record in journal.records]
    assert list(path.parent.iterdir()) == [path]


def test_a_journal_that_is_opened_again_holds_what_was_measured(tmp_path: Path) -> None:
    journal = filled(tmp_path / "1.jsonl", 2)
    assert Journal(tmp_path / "1.jsonl").records == journal.records


def test_every_possible_cut_leaves_whole_records_only(tmp_path: Path) -> None:
    whole = filled(tmp_path / "1.jsonl", 3)
    content = whole.path.read_bytes()
    for cut in range(0, len(content), 37):
        whole.path.write_bytes(content[:cut])
        again = Journal(tmp_path / "1.jsonl")
        assert again.records == whole.records[: content[:cut].count(b"\n")]
        again.append(records.failed(CELL, position=3))
        assert all(line.endswith(b"}") for line in whole.path.read_bytes().splitlines())


def test_a_foreign_line_stops_the_run_and_is_named(tmp_path: Path) -> None:
    partial = filled(tmp_path / "1.jsonl", 1).path
    partial.write_text(partial.read_text() + f'{{"format": {FORMAT}}}\n')
    with pytest.raises(DocumentError, match=r"1\.jsonl\.partial:2 is no valid record"):
        Journal(tmp_path / "1.jsonl")


def test_a_full_disk_adds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = filled(tmp_path / "1.jsonl", 1)
    before = journal.path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            journal.append(records.failed(CELL, position=2))
    assert journal.path.read_bytes() == before
    assert len(journal.records) == 1
