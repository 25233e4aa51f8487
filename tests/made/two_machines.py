"""Folders of several simulated machines: each is written by tests.unit.simulated, then renamed and edited as text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.made.simulated import MACHINE, SimulatedCell, write_simulated_machine


def pools(cpus: int = 2, speed: float = 1.0, rounds: int = 8, gain: float = 1.8) -> SimulatedCell:
    """The defaults, one thread, and a thread for each CPU; all CPUs give `gain`, and the machine is `speed` as fast."""
    settings = [{"intra_op": None}, {"intra_op": 1}, {"intra_op": cpus}]
    return SimulatedCell("pools", "matmul", settings, [1.0, 1 / gain, 1.0], rounds, call_s=0.02 / speed)


def machine(
    root: Path,
    slug: str,
    cells: Sequence[SimulatedCell],
    *,
    cpus: int = 2,
    seed: int = 1,
    edits: Mapping[str, str] | None = None,
) -> Path:
    """The folder of a machine of that name below `root`, with so many CPUs; `edits` go over all its documents."""
    folder = root / slug
    write_simulated_machine(folder, cells, seed=seed)
    written = {f'"written":{{"intra_op":{cpus}}}': '"written":{"intra_op":"cores"}'}
    edit(folder, {MACHINE: slug} | written | dict(edits or {}))
    document = json.loads((folder / "machine.json").read_text())
    (folder / "machine.json").write_text(json.dumps(document | {"cpus": list(range(cpus))}))
    return folder


def edit(folder: Path, edits: Mapping[str, str]) -> None:
    """Replace text in every JSON document of a folder."""
    for path in [*folder.rglob("*.json"), *folder.rglob("*.jsonl")]:
        text = path.read_text()
        for old, new in edits.items():
            text = text.replace(old, new)
        path.write_text(text)


def links(text: str) -> list[str]:
    """Where the links and images of a page in Markdown lead."""
    return re.findall(r"\]\(([^)]+)\)", text)
