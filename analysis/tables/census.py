"""Which environment variables each image asks for: the audits' censuses as one table, a row a variable and image.

python -m analysis.tables.census --results results/MACHINE
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from analysis.records.folder import read_audits
from analysis.tables.columns import Told
from analysis.tables.tables import RowTable
from workloads.vocabulary.census import Census, VariableRead
from workloads.vocabulary.command_line import stage
from workloads.vocabulary.knobs import CATALOGUE, Knob


@dataclass(frozen=True)
class VariableRow:
    """A variable, and what an image has to do with it."""

    variable: Annotated[str, Told("the environment variable")]
    image: Annotated[str, Told("the image's name")]
    standing: Annotated[
        str, Told("read by TensorFlow, read by another library, present but never read in any phase, or absent")
    ]
    by: Annotated[
        tuple[str, ...], Told("who asks for it, TensorFlow's files first; of one that is never read: where it is")
    ]
    phases: Annotated[tuple[str, ...], Told("during what it is asked for, first to last")]
    calls: Annotated[int, Told("how often it was asked for in all phases", "1")]
    is_knob: Annotated[bool, Told("whether the catalogue of knobs has it")]
    known: Annotated[str, Told("what the catalogue says of it: when it is read, what an impossible value does")]


CENSUS = RowTable("census", VariableRow, "analysis.tables.census")


def rows(image: str, census: Census) -> Iterator[VariableRow]:
    """All variables of an image: those that are read, those that are not, and the catalogue's that are absent."""
    order = {phase.name: place for place, phase in enumerate(census.phases)}
    reads: dict[str, list[VariableRead]] = {}
    for read in census.reads:
        reads.setdefault(read.variable, []).append(read)
    knobs = {knob.variable or knob.name: knob for knob in CATALOGUE.values() if _is_variable(knob)}
    for variable in sorted({*reads, *census.unread, *knobs}):
        own = sorted(reads.get(variable, []), key=lambda read: not read.is_tensorflows)
        phases = {phase for read in own for phase in read.phases}
        knob = knobs.get(variable)
        yield VariableRow(
            variable=variable,
            image=image,
            standing=census.standing(variable).value,
            by=tuple([read.by for read in own] or census.unread.get(variable, [])),
            phases=tuple(sorted(phases, key=lambda phase: order.get(phase, len(order)))),
            calls=sum(sum(read.phases.values()) for read in own),
            is_knob=knob is not None,
            known=f"read at {knob.read}; an impossible value: {knob.bad_value}" if knob else "",
        )


def _is_variable(knob: Knob) -> bool:
    return knob.variable is not None or (knob.kind == "environment" and knob.values != "allocator")


def write(root: Path) -> None:
    """Make the table of the machine's folder `root`; audits before there was a census leave it empty.

    Raises AnalysisError.
    """
    audits = read_audits(root)
    CENSUS.write(root, [row for name, audit in audits.items() if audit.census for row in rows(name, audit.census)])


main = stage(write)


if __name__ == "__main__":
    raise SystemExit(main())
