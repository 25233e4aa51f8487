"""Which rounds Snakemake is to make: those that are certain, and those that decisions ask for as the run goes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workloads.vocabulary.decided import with_decision
from workloads.vocabulary.plan import Cell, Plan


@dataclass(frozen=True)
class Rounds:
    """The rounds of a plan, as files in the machine's folder `results`."""

    results: Path
    plan: Plan

    def all(self, checkpoints: Any) -> list[Path | Callable[[Any], list[Path]]]:
        """Every round as an input of a rule: those that are certain, and a function for each cell that may get more.

        `checkpoints` are Snakemake's; `decision` is among them.
        """
        certain = [self.results / cell.round_file(n) for cell in self.plan.cells for n in range(1, cell.certain + 1)]
        return [*certain, *(self._further(cell, checkpoints) for cell in self.plan.cells if cell.adaptive)]

    def before(self, cell_name: str, after: int) -> list[Path]:
        """The rounds that the decision after so many rounds looks at."""
        cell = next(cell for cell in self.plan.cells if cell.name == cell_name)
        return [self.results / cell.round_file(number) for number in range(1, after + 1)]

    def _further(self, planned: Cell, checkpoints: Any) -> Callable[[Any], list[Path]]:
        # One function a cell: the first decision that is still to be made ends a function, not the other cells'.
        def rounds(wildcards: Any) -> list[Path]:
            cell = planned
            while (after := cell.due) is not None:
                checkpoints.decision.get(cell=cell.name, by=cell.rule, after=after)
                cell = with_decision(self.results, cell, after)
            return [self.results / cell.round_file(number) for number in range(cell.certain + 1, cell.settled + 1)]

        return rounds
