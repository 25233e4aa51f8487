"""What a run was to measure, fixed by checksum before its first launch, so that rounds that were cut later show.

Each plan that launches were made by has a line in the machine's folder, in the order of first use, and each record
names the checksum of its plan. Standard library only.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from workloads.vocabulary import documents
from workloads.vocabulary.plan import Plan
from workloads.vocabulary.record import to_json

FILE = "preregistered.jsonl"


@dataclass(frozen=True)
class Preregistration:
    """A plan, as far as it says what is measured."""

    sha256: str
    first_used_at: str  # UTC, ISO 8601
    rounds: dict[str, int]  # by a cell's directory; the most that it can have


def checksum(plan: Plan) -> str:
    """The sha256 of what a plan, with nothing decided yet, says of its cells: settings, rounds, and when they end.

    The rest of what a cell is stands in its definition, which its directory names.
    """
    cells = {
        cell.directory: [
            cell.rounds,
            None if cell.adaptive is None else asdict(cell.adaptive),
            sorted(setting.id for setting in cell.settings),
        ]
        for cell in plan.cells
    }
    canonical = json.dumps(cells, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def preregister(results: Path, plan: Plan, now: str) -> str:
    """The checksum of the plan by which launches are about to be made, on file before the first of them.

    Raises OSError, and DocumentError for a file that is not this one.
    """
    sha256, entries = checksum(plan), preregistrations(results)
    if not entries or entries[-1].sha256 != sha256:
        entries.append(Preregistration(sha256, now, {cell.directory: cell.rounds for cell in plan.cells}))
        documents.write_text(results / FILE, "".join(to_json(entry) + "\n" for entry in entries))
    return sha256


def preregistrations(results: Path) -> list[Preregistration]:
    """The plans of the machine's folder by which launches were made, in the order of their first use.

    None for a folder whose records are older than this file. Raises DocumentError.
    """
    path = results / FILE
    lines = path.read_bytes().splitlines() if path.exists() else []
    return [
        documents.parse(Preregistration, line, f"{path}:{number}", documents.RESTORE)
        for number, line in enumerate(lines, start=1)
    ]
