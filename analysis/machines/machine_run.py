"""A machine's folder, read for holding it against another's: from its documents and records, not from its tables.

So the same code makes the tables of all machines, and a published folder, which has none in Parquet, is as good as one
that was measured here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from analysis.comparisons.compare import comparisons
from analysis.comparisons.pairs import Evidence, launches_of, log_speed
from analysis.comparisons.valid_launches import counting
from analysis.decisions.search_result import searches
from analysis.plausibility.check import Violation, require_plausible
from analysis.recommendations.recommend import Recommendation, recommendations
from analysis.records.folder import read_audits, read_machine, read_plan, read_receipts, read_records
from analysis.tables.tidy import tidy
from workloads.vocabulary.errors import AnalysisError
from workloads.vocabulary.inventory import Machine, Receipt
from workloads.vocabulary.plan import Cell, Plan
from workloads.vocabulary.record import Setting


@dataclass(frozen=True)
class Measured:
    """What a machine's folder holds."""

    name: str  # the machine's slug; the folder's path where two folders have one slug
    root: Path
    machine: Machine
    receipts: dict[str, Receipt]  # by image name
    evidence: Evidence
    recommended: list[Recommendation]
    violations: list[Violation]  # of its records

    @property
    def plan(self) -> Plan:
        """The plan of its run."""
        return self.evidence.plan

    @property
    def cpus(self) -> int:
        """How many CPUs launches could use."""
        return len(self.machine.cpus)


@dataclass(frozen=True)
class Unread:
    """A folder that could not be read, and why."""

    root: Path
    reason: str


@dataclass(frozen=True)
class Side:
    """One setting of a workload on one machine."""

    measured: Measured
    cell: Cell
    setting: Setting

    @property
    def launches(self) -> pd.DataFrame:
        """Its launches that count."""
        return counting(self.all_launches)

    @property
    def all_launches(self) -> pd.DataFrame:
        """Its launches, those that do not count among them."""
        return launches_of(self.measured.evidence, self.cell, self.setting)

    @property
    def log_speeds(self) -> pd.Series:
        """Logarithm of work a second of the launches that count; index: round."""
        return log_speed(self.all_launches)


def read_measured(root: Path) -> Measured:
    """The machine's folder `root`. Raises AnalysisError, also if too many of its records do not hold together."""
    plausibility = require_plausible(root)
    plan, machine = read_plan(root), read_machine(root)
    launches = tidy(read_records(root, plan), plan, plausibility.reasons).launches
    evidence = Evidence(plan, launches, read_audits(root))
    recommended = recommendations(plan, comparisons(plan, launches), searches(plan, launches))
    return Measured(machine.slug, root, machine, read_receipts(root), evidence, recommended, plausibility.violations)


def read_all(roots: Sequence[Path]) -> tuple[list[Measured], list[Unread]]:
    """Those of the folders that can be read, in order, and those that cannot, such as a folder of another format."""
    machines: list[Measured] = []
    unread: list[Unread] = []
    for root in roots:
        try:
            machines.append(read_measured(root))
        except AnalysisError as error:
            unread.append(Unread(root, str(error)))
    times = Counter(machine.name for machine in machines)
    return [
        replace(machine, name=str(machine.root)) if times[machine.name] > 1 else machine for machine in machines
    ], unread
