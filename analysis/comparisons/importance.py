"""How much of what lies between a workload's settings each knob explains: shares of the variance of the log-ratios.

A setting's speed is the mean of its log-ratios to the baseline. A model without interactions, one effect for each value
of each knob, is fitted to these means by least squares. A knob's share is what the model loses without it (type III
sums of squares); "together" is what no knob explains alone, less what chance alone is expected to leave there; chance
is estimated from how a setting's log-ratios differ from round to round, and its share overlaps with the knobs'. Where
settings are a list, knobs may overlap, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from analysis.comparisons.comparison import Comparison
from analysis.tables.columns import Definition, SweepName, Told, WorkloadName
from analysis.tables.tables import RowTable
from workloads.vocabulary.plan import Cell, Plan, baseline_of
from workloads.vocabulary.record import KnobValue, Setting

TOGETHER = "together"
CHANCE = "chance"


@dataclass(frozen=True)
class Importance:
    """What one knob of a cell explains."""

    sweep: SweepName
    workload: WorkloadName
    definition: Definition
    knob: Annotated[str, Told("the knob; together: what none explains alone; chance: what is left to it")]
    share: Annotated[float, Told("its share of the variance between the settings' mean log-ratios", "1")]
    values: Annotated[int, Told("values that the knob takes", "1")]
    settings: Annotated[int, Told("settings that were measured, the baseline among them", "1")]
    spread: Annotated[float, Told("the fastest setting's speed over the slowest one's", "1")]


IMPORTANCE = RowTable("importance", Importance, "analysis.comparisons.compare")


def importance(plan: Plan, comparisons: Sequence[Comparison]) -> list[Importance]:
    """Rows for each cell in which two knobs or more take several values, the largest share first."""
    by_cell: dict[tuple[str, str], list[Comparison]] = {}
    for comparison in comparisons:
        if comparison.is_first_metric and comparison.log_ratios:
            by_cell.setdefault((comparison.sweep, comparison.definition), []).append(comparison)
    return [row for cell in plan.cells for row in _of_cell(cell, by_cell.get((cell.sweep, cell.definition), []))]


def _of_cell(cell: Cell, compared: Sequence[Comparison]) -> list[Importance]:
    settings = {setting.id: setting for setting in cell.settings}
    measured = [baseline_of(cell), *(settings[comparison.setting] for comparison in compared)]
    knobs = [name for name in measured[0].resolved if len(_values(measured, name)) > 1]
    if len(knobs) < 2 or len(measured) < 4:
        return []
    means = np.array([0.0, *(float(np.mean(comparison.log_ratios)) for comparison in compared)])
    total = float(((means - means.mean()) ** 2).sum())
    if total == 0:
        return []
    full = _unexplained(means, measured, knobs)
    shares = {
        name: max(0.0, _unexplained(means, measured, [other for other in knobs if other != name]) - full) / total
        for name in knobs
    }
    chance = _variance(compared)
    free = len(measured) - 1 - sum(len(_values(measured, name)) - 1 for name in knobs)
    shares[TOGETHER] = max(0.0, full - max(0, free) * chance) / total
    shares[CHANCE] = min(1.0, (len(measured) - 1) * chance / total)
    numbers = {name: len(_values(measured, name)) for name in knobs}
    spread = float(np.exp(means.max() - means.min()))
    return [
        Importance(
            sweep=cell.sweep,
            workload=cell.workload,
            definition=cell.definition,
            knob=name,
            share=share,
            values=numbers.get(name, 0),
            settings=len(measured),
            spread=spread,
        )
        for name, share in sorted(shares.items(), key=lambda item: (item[0] in (TOGETHER, CHANCE), -item[1]))
    ]


def _values(settings: Sequence[Setting], knob: str) -> list[KnobValue]:
    # By type too: 1 and True are equal keys.
    return list({repr(setting.resolved[knob]): setting.resolved[knob] for setting in settings}.values())


def _unexplained(means: NDArray[np.float64], settings: Sequence[Setting], knobs: Sequence[str]) -> float:
    """The sum of squares that the model with these knobs leaves."""
    columns = [np.ones(len(means))]
    for name in knobs:
        for value in _values(settings, name)[1:]:
            columns.append(np.array([float(repr(setting.resolved[name]) == repr(value)) for setting in settings]))
    model = np.column_stack(columns)
    fitted = model @ np.linalg.lstsq(model, means, rcond=None)[0]
    return float(((means - fitted) ** 2).sum())


def _variance(compared: Sequence[Comparison]) -> float:
    """Of a setting's mean log-ratio: the median over the settings."""
    errors = [comparison.standard_error for comparison in compared if comparison.standard_error]
    # Half of it is the baseline's, which all comparisons of a cell share.
    return float(np.median(errors)) ** 2 / 2 if errors else 0.0
