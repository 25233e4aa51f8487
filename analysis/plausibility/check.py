"""Holds each record against itself, its plan and its neighbours, and says which do not hold together.

Such a record does not count; the report names it. Where only times of day do not fit, it is named and counts: clocks
may be set during a run, and what calls take is measured by another clock.

    python -m analysis.plausibility.check --results results/MACHINE
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from analysis.plausibility import of_itself, of_plan
from analysis.plausibility.cuts import cuts
from analysis.plausibility.neighbours import Neighbours
from analysis.records.folder import (
    Line,
    read_machine,
    read_plan,
    read_quickly,
    read_receipts,
    read_records,
    read_whole_plan,
)
from workloads.vocabulary import documents
from workloads.vocabulary.amounts import count
from workloads.vocabulary.applied import apply
from workloads.vocabulary.command_line import stage
from workloads.vocabulary.errors import AnalysisError
from workloads.vocabulary.preregistration import preregistrations
from workloads.vocabulary.record import to_json

FILE = "plausibility.json"

# Of all records; a run with more of them is no run of this suite.
MOST = 0.01

T = TypeVar("T")


@dataclass(frozen=True)
class Violation:
    """An invariant that a record breaks."""

    file: str
    line: int
    id: str
    what: str  # a clause about the record
    counts: bool = False  # whether the record counts in spite of it

    def __str__(self) -> str:
        """For people to read."""
        return f"{self.file}:{self.line}: record {self.id}: {self.what}"


@dataclass(frozen=True)
class Plausibility:
    """What became of all records."""

    records: int
    violations: list[Violation]
    cuts: list[str] = field(default_factory=list)  # clauses on what was to be measured once, and is no longer planned

    @property
    def reasons(self) -> dict[tuple[str, int], str]:
        """Why a record does not count, for those that do not, by file and line."""
        return {
            (violation.file, violation.line): f"the record does not hold together: {violation.what}"
            for violation in reversed(self.violations)
            if not violation.counts
        }

    @property
    def is_beyond_bound(self) -> bool:
        """Whether so many records do not count that the others are not believed either."""
        return len(self.reasons) > MOST * self.records


def examine(root: Path) -> Plausibility:
    """Hold the records in the machine's folder `root` against the invariants. Raises AnalysisError.

    One round is held at a time.
    """
    plan, machine, receipts = read_plan(root), read_machine(root), read_receipts(root)
    registered = preregistrations(root)
    plans = frozenset(entry.sha256 for entry in registered)
    cells = {cell.directory: cell for cell in plan.cells}
    settings = {
        (cell.directory, setting.id): (setting, apply(cell.fixed | setting.resolved))
        for cell in plan.cells
        for setting in cell.settings
    }
    records, violations, neighbours = 0, [], Neighbours()
    for file, of_round in groupby(read_records(root, plan), key=lambda line: line.file):
        cell, lines = cells[file.rpartition("/")[0]], list(of_round)
        records += len(lines)
        for line in lines:
            setting, applied = settings[cell.directory, line.record.setting.id]
            planned = of_plan.Planned(line, cell, setting, applied, machine, receipts, plans)
            said = [invariant.__doc__ for invariant in of_plan.INVARIANTS if not _holds(invariant, planned)]
            said += [invariant.__doc__ for invariant in of_itself.INVARIANTS if not _holds(invariant, line.record)]
            violations += [_violation(line, words or "") for words in said]
        dated = [line for line in lines if of_itself.is_dated(line.record)]
        violations += [_violation(line, words) for line, words in neighbours.of_round(dated)]
        violations += [_violation(line, words, counts=True) for line, words in neighbours.not_together(dated)]
    violations += [_violation(line, words, counts=True) for line, words in neighbours.overlaps()]
    return Plausibility(records, violations, cuts(read_whole_plan(root), registered))


def _holds(invariant: Callable[[T], bool], given: T) -> bool:
    try:
        return invariant(given)
    except (ValueError, LookupError, TypeError):  # the record may be a stranger's, and lack what each has
        return False


def _violation(line: Line, words: str, *, counts: bool = False) -> Violation:
    return Violation(line.file, line.number, line.record.id, words, counts)


def require_plausible(root: Path) -> Plausibility:
    """Like `examine`. Raises AnalysisError if more records than MOST do not count."""
    plausibility = examine(root)
    if plausibility.is_beyond_bound:
        first = next(violation for violation in plausibility.violations if not violation.counts)
        raise AnalysisError(
            f"{len(plausibility.reasons)} of {count(plausibility.records, 'record')} do not hold together, "
            f"the first: {first}",
            "do not use it",
        )
    return plausibility


def read(root: Path) -> Plausibility:
    """What was found in the machine's folder `root`. Raises AnalysisError."""
    return documents.read(Plausibility, root / FILE)


def write(root: Path) -> None:
    """Examine the records in the machine's folder `root`. Raises AnalysisError."""
    with read_quickly():
        documents.write_text(root / FILE, to_json(examine(root)) + "\n")


main = stage(write)


if __name__ == "__main__":
    raise SystemExit(main())
