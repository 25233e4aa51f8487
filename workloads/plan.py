"""What a config comes to on a machine: cells and their rounds. Standard library only, as workloads.record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from workloads.record import FORMAT, KnobValue, Limits, Setting, Timing


@dataclass(frozen=True)
class UserModel:
    """A model that the user brings: files of the host that enter the container read-only."""

    path: str  # a SavedModel's folder, a .keras file, or a Python file
    inputs: str | None  # an .npz file; None: inputs are made up from the model's signature
    content: str  # sha256 over all of it


@dataclass(frozen=True)
class Cell:
    """One workload of one sweep: what is measured in each of its rounds."""

    sweep: str
    question: str  # what the sweep asks, for the report
    workload: str  # as named in the config
    module: str  # the workload's module
    params: dict[str, Any]
    settings: list[Setting]
    baseline: str  # id of the setting that all others are compared with
    rounds: int
    definition: str  # identity of all that a record of this cell depends on
    timing: Timing
    limits: Limits
    seed: int
    fixed: dict[str, KnobValue] = field(default_factory=dict)  # knobs that all settings share
    model: UserModel | None = None

    @property
    def directory(self) -> str:
        """Where the cell's rounds lie, below the machine's folder."""
        return f"rounds/{self.sweep}/{self.workload}@{self.definition}"


@dataclass(frozen=True)
class Hole:
    """Something that the config asks for and this machine cannot give."""

    what: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """What a config comes to on a machine."""

    machine: str
    suite: str  # the suite's version
    config: dict[str, Any]  # as validated, defaults filled in
    images: dict[str, str]  # name -> identity of its build context
    cells: list[Cell]
    holes: list[Hole] = field(default_factory=list)
    format: int = FORMAT

    @property
    def launches(self) -> int:
        """How many launches the whole plan takes."""
        return sum(cell.rounds * len(cell.settings) for cell in self.cells)
