"""The decisions on file about an adaptive cell's rounds beyond the first ones."""

from dataclasses import replace
from pathlib import Path

from workloads.vocabulary import documents
from workloads.vocabulary.plan import Cell, Decision


def with_decisions(results: Path, cell: Cell) -> Cell:
    """The cell with its decisions as far as they are on file; itself where its number of rounds is fixed."""
    while (after := cell.due) is not None and (results / cell.decision(after)).exists():
        cell = with_decision(results, cell, after)
    return cell


def with_decision(results: Path, cell: Cell, after: int) -> Cell:
    """The cell with the decision that is due after so many rounds. Raises DocumentError if it is not on file."""
    return replace(cell, decided=[*cell.decided, documents.read(Decision, results / cell.decision(after))])
