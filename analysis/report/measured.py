"""What was measured: how much of it, with which software, on which machine, and which workloads."""

from dataclasses import dataclass

import pandas as pd

from analysis import wording
from workloads.vocabulary import amounts
from workloads.vocabulary.inventory import Machine
from workloads.vocabulary.plan import Plan
from workloads.vocabulary.record import Status, written

_UNTOLD = "this machine does not tell"


@dataclass(frozen=True)
class Counts:
    """How much was measured."""

    launches: int
    failed: int
    rounds: int  # the most that any cell has
    sweeps: int
    workloads: int


@dataclass(frozen=True)
class MeasuredWorkload:
    """A workload, as it was measured."""

    name: str
    module: str
    params: str  # name=value, separated by spaces
    work: str  # of one call, with its unit; empty if no launch told
    metric: str


def counts(plan: Plan, launches: pd.DataFrame) -> Counts:
    """How much is on file."""
    return Counts(
        launches=len(launches),
        failed=int((launches["status"] != Status.OK).sum()),
        rounds=max((cell.rounds for cell in plan.cells), default=0),
        sweeps=len({cell.sweep for cell in plan.cells}),
        workloads=len({cell.workload for cell in plan.cells}),
    )


def tensorflow_versions(launches: pd.DataFrame) -> str:
    """The versions that the launches saw."""
    versions = sorted({str(version) for version in launches["tensorflow"].dropna()})
    return " and ".join(versions) if versions else "of unknown version"


def workloads(plan: Plan, launches: pd.DataFrame) -> list[MeasuredWorkload]:
    """The plan's workloads by name, each once; a sweep over their parameters may change their work."""
    told = launches.dropna(subset=["work_amount"])
    measured = {}
    for cell in plan.cells:
        rows = told[told["workload"] == cell.workload]
        works = rows[["work_amount", "work_unit"]].drop_duplicates().sort_values("work_amount")
        measured[cell.workload] = MeasuredWorkload(
            name=cell.workload,
            module=cell.module,
            params=" ".join(f"{name}={written(value)}" for name, value in cell.params.items()),
            work=", ".join(wording.amount(float(row[0]), str(row[1])) for row in works.itertuples(index=False)),
            metric=" ".join(rows["metric"].drop_duplicates()),
        )
    return [measured[name] for name in sorted(measured)]


def machine_rows(machine: Machine) -> list[tuple[str, str]]:
    """The machine as (property, value), in plain words."""
    caches = ", ".join(f"{level} {size}" for level, size in machine.caches.items())
    engine = ", ".join(f"{key} {value}" for key, value in machine.engine.items())
    rows: list[tuple[str, object]] = [
        ("CPU", machine.cpu),
        ("architecture", machine.architecture),
        ("CPUs that launches may use", ", ".join(str(cpu) for cpu in machine.cpus)),
        (
            "logical CPUs, physical cores, sockets",
            f"{machine.logical_cpus}, {machine.physical_cores}, {machine.sockets}",
        ),
        ("NUMA nodes", machine.numa_nodes),
        ("caches", caches or None),
        ("vector instructions", ", ".join(machine.instruction_sets) or "none known"),
        ("memory", amounts.size(machine.memory_bytes)),
        ("frequency governor", machine.governor),
        ("virtualisation", machine.virtualisation),
        ("GPUs", ", ".join(machine.gpus) or f"none: {machine.gpu_reason or 'no reason given'}"),
        ("operating system, kernel", f"{machine.os}, {machine.kernel}"),
        ("container engine", engine or None),
        *machine.disclosed.items(),
        (
            "load average before the run (1, 5, 15 min)",
            ", ".join(f"{load:.2f}" for load in machine.load_average),
        ),
        ("taken at (UTC)", machine.taken_at),
    ]
    return [(name, _UNTOLD if value is None else str(value)) for name, value in rows]
