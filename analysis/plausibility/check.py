"""Which records of a machine's folder do not hold together, and whether too many do not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from analysis.plausibility import neighbours, of_itself, of_plan
from analysis.records.folder import Line, read_machine, read_plan, read_receipts, read_records
from workloads.vocabulary.amounts import count
from workloads.vocabulary.errors import AnalysisError

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

    def __str__(self) -> str:
        """For people to read."""
        return f"{self.file}:{self.line}: record {self.id}: {self.what}"


def violations(root: Path) -> tuple[int, list[Violation]]:
    """How many records the machine's folder `root` holds, and what does not hold of them. Raises AnalysisError."""
    plan, machine, receipts = read_plan(root), read_machine(root), read_receipts(root)
    cells = {cell.directory: cell for cell in plan.cells}
    settings = {(cell.directory, setting.id): setting for cell in plan.cells for setting in cell.settings}
    lines = list(read_records(root, plan))
    violations_ = []
    for line in lines:
        cell = cells[line.file.rpartition("/")[0]]
        setting = settings[cell.directory, line.record.setting.id]
        planned = of_plan.Planned(line, cell, setting, machine, receipts)
        said = [invariant.__doc__ for invariant in of_plan.INVARIANTS if not _holds(invariant, planned)]
        said += [invariant.__doc__ for invariant in of_itself.INVARIANTS if not _holds(invariant, line.record)]
        violations_ += [_violation(line, words or "") for words in said]
    if not any(violation.what == of_itself.is_dated.__doc__ for violation in violations_):
        violations_ += _beside(lines)
    return len(lines), violations_


def _holds(invariant: Callable[[T], bool], given: T) -> bool:
    try:
        return invariant(given)
    except (ValueError, LookupError, TypeError):  # the record may be a stranger's, and lack what each has
        return False


def _beside(lines: list[Line]) -> Iterator[Violation]:
    for invariant in neighbours.INVARIANTS:
        for line, words in invariant(lines):
            yield _violation(line, words)


def _violation(line: Line, words: str) -> Violation:
    return Violation(line.file, line.number, line.record.id, words)


def require_plausible(root: Path) -> list[Violation]:
    """The violations in the folder `root`. Raises AnalysisError if more records than MOST have one."""
    records, violations_ = violations(root)
    wrong = {(violation.file, violation.line) for violation in violations_}
    if len(wrong) > MOST * records:
        raise AnalysisError(
            f"{len(wrong)} of {count(records, 'record')} do not hold together, the first: {violations_[0]}",
            "do not use it",
        )
    return violations_
