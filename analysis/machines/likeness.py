"""What of two machines may be compared: the same workload, parameters, setting, image content and work.

A cell's definition cannot tell: it is a hash over settings as resolved, and `cores` is another number on another
machine. So cells are found by sweep and workload, settings as they are written in the config, and then everything that
a time depends on must be the same, but for the machine. What is not, is refused with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

import pandas as pd

from analysis.machines.environments import packages
from analysis.machines.machine_run import Measured, Side
from analysis.records.written import written_key, written_label
from analysis.tables.columns import SweepName, Told, WorkloadName
from workloads.vocabulary.plan import Cell, Plan
from workloads.vocabulary.record import Setting, written

# So many packages are named where two images differ in more.
_NAMED = 3


@dataclass(frozen=True)
class Refusal:
    """Something that is not compared, and why; one row of refusals.csv."""

    machine: Annotated[str, Told("the machine")]
    against: Annotated[str, Told("the machine that it is not held against")]
    sweep: SweepName
    workload: WorkloadName
    setting: Annotated[str, Told("as the config writes it; empty: no setting of the workload is compared")]
    reason: Annotated[str, Told("why")]


def matches(machine: Measured, reference: Measured) -> tuple[list[tuple[Side, Side]], list[Refusal]]:
    """(machine, reference) for each setting that both measured and that may be compared, and what may not be."""
    pairs: list[tuple[Side, Side]] = []
    refused: list[Refusal] = []
    cells, other_cells = _cells(machine), _cells(reference)
    for place in dict.fromkeys([*cells, *other_cells]):
        nothing = Refusal(machine.name, reference.name, *place, setting="", reason="")
        reason = unlike_suites(machine.plan, reference.plan) or _one_sided(
            machine, reference, place in cells, place in other_cells
        )
        if reason := reason or unlike_cells(cells[place], other_cells[place]):
            refused.append(replace(nothing, reason=reason))
            continue
        settings, other_settings = _settings(cells[place]), _settings(other_cells[place])
        for key in dict.fromkeys([*settings, *other_settings]):
            if reason := _one_sided(machine, reference, key in settings, key in other_settings):
                setting = settings.get(key) or other_settings[key]
                refused.append(replace(nothing, setting=written_label(setting), reason=reason))
            else:
                side = Side(machine, cells[place], settings[key])
                pairs.append((side, Side(reference, other_cells[place], other_settings[key])))
    return pairs, refused


def _cells(measured: Measured) -> dict[tuple[str, str], Cell]:
    return {(cell.sweep, cell.workload): cell for cell in measured.plan.cells}


def _settings(cell: Cell) -> dict[frozenset[tuple[str, str]], Setting]:
    return {written_key(setting): setting for setting in cell.settings}


def _one_sided(machine: Measured, reference: Measured, here: bool, there: bool) -> str:
    return "" if here and there else f"{machine.name if there else reference.name} has none of its own"


def unlike_suites(plan: Plan, other: Plan) -> str:
    """Why two plans' times cannot be compared at all; empty if they can."""
    return "" if plan.suite == other.suite else f"two suite versions: {plan.suite} and {other.suite}"


def unlike_cells(cell: Cell, other: Cell) -> str:
    """Why the cells of two plans are not the same work; empty if they are."""
    held = (
        ("modules", cell.module, other.module),
        ("models", cell.model and cell.model.content, other.model and other.model.content),
    )
    for what, value, another in held:
        if value != another:
            return f"two {what}: {value} and {another}"
    for what, mine, its in (
        ("parameters", cell.params, other.params),
        ("knobs that all launches share", fixed_as_written(cell), fixed_as_written(other)),
    ):
        if mine != its:
            return f"other {what}: {_told(mine, its)} and {_told(its, mine)}"
    return ""


def fixed_as_written(cell: Cell) -> dict[str, str]:
    """The knobs that a cell's launches share, as the config writes them; as resolved where it is not known."""
    return {knob: written(cell.fixed_as_written.get(knob, value)) for knob, value in cell.fixed.items()}


def _told(values: Mapping[str, Any], others: Mapping[str, Any]) -> str:
    """What `values` holds where the two differ."""
    keys = [key for key in [*values, *others] if values.get(key) != others.get(key)]
    return " ".join(f"{key}={values.get(key, 'absent')}" for key in dict.fromkeys(keys))


def unlike_launches(first: Side, second: Side) -> str:
    """Why the launches of two sides cannot be held against each other; empty if they are of the same image and work."""
    mine, its = first.launches, second.launches
    for side, launches in ((first, mine), (second, its)):
        if launches.empty:
            return f"no launch of {side.measured.name} counts"
    contents = pd.concat([mine, its]).groupby("image")["image_content"].nunique()
    if differing := [image for image, number in contents.items() if number > 1]:
        return _unlike_images(first.measured, second.measured, str(differing[0]))
    for column, what in (("metric", "metrics"), ("work_unit", "units of work"), ("work_amount", "amounts of work")):
        if set(mine[column]) != set(its[column]):
            return f"two {what}: {_set(mine[column])} and {_set(its[column])}"
    return ""


def _unlike_images(first: Measured, second: Measured, image: str) -> str:
    """Wherein two contents of an image differ, as far as their inventories tell, and what to do about it."""
    told = f"two contents of image {image}"
    if image not in first.receipts or image not in second.receipts:
        return told
    versions, others = (packages(side.receipts[image]) for side in (first, second))
    names = [name for name in sorted(versions.keys() | others.keys()) if versions.get(name) != others.get(name)]
    if not names:
        return f"{told}, of the same packages: the suite's own files in it differ; measure both from one commit"
    pairs = [f"{name} {versions.get(name, 'absent')} and {others.get(name, 'absent')}" for name in names[:_NAMED]]
    more = f", and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{told}: {', '.join(pairs)}{more}"


def _set(values: pd.Series) -> str:
    return ", ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in sorted(set(values)))
