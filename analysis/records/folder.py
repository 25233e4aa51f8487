"""Reads a machine's folder: the plan, the machine, the receipts, and the records of the plan's cells.

Every document is validated against workloads.vocabulary.record. What does not fit stops the stage with a sentence that
names the file and the line: a report must not rest on records that were half read.
"""

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from workloads.vocabulary import documents
from workloads.vocabulary.decided import with_decisions
from workloads.vocabulary.documents import RESTORE, parse_checked
from workloads.vocabulary.errors import AnalysisError
from workloads.vocabulary.inventory import Audit, Machine, Receipt
from workloads.vocabulary.plan import PEAKS_FILE, Cell, Plan
from workloads.vocabulary.record import Record

# How the name of an image's bill of materials ends; it lies beside the receipt and is for other tools.
MATERIALS = ".cdx.json"


@contextmanager
def read_quickly() -> Iterator[None]:
    """No search for cycles of garbage: records have none, and among millions of values it takes a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@dataclass(frozen=True)
class Line:
    """A record and where it stands."""

    file: str  # relative to the machine's folder
    number: int  # from 1
    record: Record


def read_plan(root: Path) -> Plan:
    """The plan of the machine's folder `root`, each cell with what was decided and as many rounds as that gives.

    Raises AnalysisError.
    """
    plan = read_whole_plan(root)
    cells = [with_decisions(root, cell) for cell in plan.cells]
    return replace(plan, cells=[replace(cell, rounds=cell.settled) for cell in cells])


def read_whole_plan(root: Path) -> Plan:
    """The plan as it was made: nothing decided, and the most rounds that a cell can have. Raises AnalysisError."""
    plan = documents.read(Plan, root / "plan.json")
    for cell in plan.cells:
        if cell.baseline not in {setting.id for setting in cell.settings}:
            raise AnalysisError(
                f"{root / 'plan.json'}: baseline {cell.baseline} of {cell.sweep}/{cell.workload} is not among its "
                "settings",
                "make the plan again",
            )
    return plan


def read_machine(root: Path) -> Machine:
    """The machine that `root` is about. Raises AnalysisError."""
    return documents.read(Machine, root / "machine.json")


def read_receipts(root: Path) -> dict[str, Receipt]:
    """Image name -> receipt, for those that are on disk, sorted by name. Raises AnalysisError."""
    paths = [path for path in sorted((root / "images").glob("*.json")) if not path.name.endswith(MATERIALS)]
    return {path.stem: documents.read(Receipt, path) for path in paths}


def read_audits(root: Path) -> dict[str, Audit]:
    """Image name -> what the audit found in it, for those that are on disk, sorted by name. Raises AnalysisError."""
    return {path.stem: documents.read(Audit, path) for path in sorted((root / "audit").glob("*.json"))}


def read_peaks(root: Path) -> list[Record]:
    """The records of the launches that measured the machine's peaks; none in a folder of before they were measured.

    Raises AnalysisError.
    """
    return [line.record for line in _lines(root, PEAKS_FILE)] if (root / PEAKS_FILE).is_file() else []


def rounds_on_file(root: Path, cell: Cell) -> list[int]:
    """The numbers of those rounds of a cell's plan that are on file, ascending.

    The folder is asked, not the plan: a stranger's plan may speak of a thousand million rounds.
    """
    stems = [path.stem for path in (root / cell.directory).glob("*.jsonl")]
    numbers = sorted(int(stem) for stem in stems if re.fullmatch("[1-9][0-9]{0,8}", stem))
    return [number for number in numbers if number <= cell.rounds]


def read_records(root: Path, plan: Plan) -> Iterator[Line]:
    """The records of the plan's cells in the plan's order, then by round and line; absent rounds are passed over.

    Files of other definitions, and rounds beyond the plan's, belong to other experiments and are not read.
    Raises AnalysisError for the first line that is not a record of its cell and round.
    """
    for cell in plan.cells:
        settings = {setting.id for setting in cell.settings}
        for number in rounds_on_file(root, cell):
            file = cell.round_file(number)
            seen: dict[tuple[str, int], Record] = {}
            for line in _lines(root, file):
                _belongs(line, cell, number, settings, seen)
                yield line


def _lines(root: Path, file: str) -> Iterator[Line]:
    path = root / file
    place = str(path)
    with path.open("rb") as stream:
        for number, text in enumerate(stream, start=1):
            yield Line(file, number, parse_checked(Record, text, f"{place}:{number}", RESTORE))


def _belongs(line: Line, cell: Cell, number: int, settings: set[str], seen: dict[tuple[str, int], Record]) -> None:
    record, place = line.record, f"{line.file}:{line.number}"
    if (record.sweep, record.workload, record.definition, record.round) != (
        cell.sweep,
        cell.workload,
        cell.definition,
        number,
    ):
        raise AnalysisError(
            f"{place}: record {record.id} belongs to another file", "restore the file as it was measured"
        )
    if record.setting.id not in settings:
        raise AnalysisError(f"{place}: setting {record.setting.id} ({record.setting.label}) is not in plan.json")
    # The baseline is in each block of a round. Where launches do not take turns, format 2 made those again
    # that the machine disturbed; one that counts is the last.
    block = record.turns.block if record.setting.id == cell.baseline and cell.turns else 0
    before = seen.get((record.setting.id, block))
    if before is not None and not before.is_set_aside:
        raise AnalysisError(f"{place}: a second record of setting {record.setting.id} in one round")
    seen[record.setting.id, block] = record
