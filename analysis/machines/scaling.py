"""Scaling: what a machine's CPUs bring, from one thread (or replica, or process) to as many as it has CPUs.

Read off within each machine, paired within its rounds: two settings of a cell that differ in one knob, written `1` and
`cores`. Speed-up divided by the number of CPUs is the efficiency, 1 being ideal.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from analysis.comparisons.pairs import NotTestableError, UndecidedError, pairs_of
from analysis.machines.machine_run import Measured
from analysis.records.written import filled
from analysis.tables.columns import SweepName, Told, WorkloadName
from workloads.vocabulary.plan import Cell
from workloads.vocabulary.record import Setting

ONE, ALL = "1", "cores"


Place = tuple[str, str, str, str]


@dataclass(frozen=True)
class Scaling:
    """One row of scaling.csv; numbers are None where they cannot be said."""

    sweep: SweepName
    workload: WorkloadName
    knob: Annotated[str, Told("the knob that goes from 1 to the number of CPUs")]
    others: Annotated[str, Told("the other knobs, as the config writes them")]
    machine: Annotated[str, Told("the machine")]
    cpus: Annotated[int, Told("CPUs that launches could use", "CPUs")]
    speedup: Annotated[float | None, Told("work a second with all CPUs over that with one", "1")]
    low: Annotated[float | None, Told("lower bound of its 95 % interval", "1")]
    high: Annotated[float | None, Told("upper bound", "1")]
    efficiency: Annotated[float | None, Told("speedup over cpus; 1 is ideal", "1")]
    reason: Annotated[str, Told("why there is no speed-up")]


def scaling(machines: Sequence[Measured]) -> list[Scaling]:
    """One row for each machine and each such pair of settings that any of them has, in the plans' order."""
    places = {
        (cell.sweep, cell.workload, knob, others): None
        for machine in machines
        for cell in machine.plan.cells
        for knob, others, _, _ in from_one_to_all(cell)
    }
    return [_row(machine, place) for place in places for machine in machines if _measures(machine, place)]


def from_one_to_all(cell: Cell) -> Iterator[tuple[str, str, Setting, Setting]]:
    """(knob, the other knobs as written, the setting with one, the setting with all) for each such pair."""
    written = [(setting, filled(setting.written, [])) for setting in cell.settings]
    for start, texts in written:
        for end, others in written:
            turned = [knob for knob in texts if texts[knob] != others.get(knob)]
            if len(turned) == 1 and (texts[turned[0]], others.get(turned[0])) == (ONE, ALL):
                rest = " ".join(f"{knob}={text}" for knob, text in texts.items() if knob != turned[0])
                yield turned[0], rest, start, end


def _measures(machine: Measured, place: Place) -> bool:
    return any((cell.sweep, cell.workload) == place[:2] for cell in machine.plan.cells)


def _row(machine: Measured, place: Place) -> Scaling:
    sweep, workload, knob, others = place
    cell = next(cell for cell in machine.plan.cells if (cell.sweep, cell.workload) == (sweep, workload))
    row = Scaling(
        sweep=sweep,
        workload=workload,
        knob=knob,
        others=others,
        machine=machine.name,
        cpus=machine.cpus,
        speedup=None,
        low=None,
        high=None,
        efficiency=None,
        reason=f"1 and {ALL} are one setting, or not measured, on {machine.name}",
    )
    for varied, rest, start, end in from_one_to_all(cell):
        if (varied, rest) == (knob, others):
            try:
                mean = pairs_of(machine.evidence, cell, end, start).mean
            except (NotTestableError, UndecidedError) as reason:
                return replace(row, reason=str(reason))
            low, high = mean.interval
            return replace(row, speedup=mean.ratio, low=low, high=high, efficiency=mean.ratio / machine.cpus, reason="")
    return row
