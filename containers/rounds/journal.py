"""A round's file: records are appended one by one, and the file gets its name when the round is whole."""

from __future__ import annotations

import os
from pathlib import Path

from workloads.vocabulary import documents
from workloads.vocabulary.errors import naming
from workloads.vocabulary.record import Record, to_json


def partial(finished: Path) -> Path:
    """Where a round's records lie while it is under way."""
    return finished.with_name(finished.name + ".partial")


class Journal:
    """The records of one round, safe against a kill at any point.

    Each record is on the disk before the next launch starts. A line that a kill cut short is
    dropped when the journal is opened again; the launch it stood for is done anew.
    """

    def __init__(self, finished: Path) -> None:
        self.finished = finished
        self.path = partial(finished)
        self.records: list[Record] = []
        finished.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists():
            self._recover()

    def _recover(self) -> None:
        whole, newline, cut = self.path.read_bytes().rpartition(b"\n")
        if cut:
            with self.path.open("r+b") as file:
                file.truncate(len(whole) + len(newline))
        lines = whole.splitlines() if newline else []
        self.records = [
            documents.parse(Record, line, f"{self.path}:{number}") for number, line in enumerate(lines, start=1)
        ]

    def append(self, *records: Record) -> None:
        """Add records and wait until they are on the disk. Raises OSError if they cannot be, adding nothing."""
        before = self.path.stat().st_size if self.path.exists() else 0
        try:
            with naming(self.path), self.path.open("ab") as file:
                file.write(b"".join(to_json(record).encode() + b"\n" for record in records))
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            if self.path.exists():
                os.truncate(self.path, before)
            raise
        self.records.extend(records)

    def finish(self) -> None:
        """Give the file its name: from now on the round is measured."""
        self.path.replace(self.finished)
        directory = os.open(self.finished.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
