"""What a setting takes beside time: memory, its first call, CPU time, and money where a config gives a machine's price.

Each number is the median over the setting's launches that count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pandas as pd

from analysis.comparisons.valid_launches import KEYS, counting
from analysis.tables.columns import Definition, Label, SettingId, SweepName, Told, WorkloadName
from analysis.tables.tables import RowTable
from workloads.vocabulary.plan import Cell, Plan
from workloads.vocabulary.record import Setting

_HOUR_S, _MILLION = 3600.0, 1e6


@dataclass(frozen=True)
class Resources:
    """What the launches of one setting take; numbers are None where nothing tells them."""

    sweep: SweepName
    workload: WorkloadName
    definition: Definition
    setting: SettingId
    label: Label
    is_baseline: Annotated[bool, Told("whether the cell's other settings are compared with this one")]
    launches: Annotated[int, Told("launches that count", "1")]
    work_unit: Annotated[str, Told("FLOP, byte or example")]
    peak_memory: Annotated[float | None, Told("most memory that a launch held, all instances together", "bytes")]
    first_call_s: Annotated[float | None, Told("its first call, with tracing and compilation", "s")]
    cpu_s_per_call: Annotated[float | None, Told("CPU time of a call, all threads together", "s")]
    throttled: Annotated[float | None, Told("share of the timed section in which a CPU quota held it up", "1")]
    waited: Annotated[float | None, Told("share of it in which some process of the machine waited for a CPU", "1")]
    mhz: Annotated[float | None, Told("mean frequency of the CPUs at its end", "MHz")]
    celsius: Annotated[float | None, Told("the hottest sensor at its end", "°C")]
    cost: Annotated[
        float | None, Told("price of a million examples, or calls where work is not counted in examples", "config's")
    ] = None


RESOURCES = RowTable("resources", Resources, "analysis.comparisons.compare")


def resources(plan: Plan, launches: pd.DataFrame) -> list[Resources]:
    """A row for each setting with launches that count, in the plan's order."""
    groups = dict(list(counting(launches).groupby(KEYS, observed=True)))
    price = plan.config.get("price_per_hour")
    return [
        _row(cell, setting, own, price)
        for cell in plan.cells
        for setting in cell.settings
        if (own := groups.get((cell.sweep, cell.workload, cell.definition, setting.id))) is not None
    ]


def _row(cell: Cell, setting: Setting, own: pd.DataFrame, price_per_hour: float | None) -> Resources:
    return Resources(
        sweep=cell.sweep,
        workload=cell.workload,
        definition=cell.definition,
        setting=setting.id,
        label=setting.label,
        is_baseline=setting.id == cell.baseline,
        launches=len(own),
        work_unit=str(own["work_unit"].iloc[0]),
        peak_memory=_median(own["peak_rss_bytes"]),
        first_call_s=_median(own["first_call_s"]),
        cpu_s_per_call=_median(own["cpu_s_per_work"] * own["work_amount"]),
        throttled=_median(own["throttled_s"] / own["timing_s"]),
        waited=_median(own["pressure_s"] / (own["timing_s"] + own["waiting_s"])),
        mhz=_median(own["mhz"]),
        celsius=_median(own["celsius"]),
        cost=_cost(own, price_per_hour),
    )


def _median(values: pd.Series) -> float | None:
    known = values.to_numpy(dtype=float, na_value=np.nan)
    known = known[np.isfinite(known)]
    return float(np.median(known)) if len(known) else None


def _cost(own: pd.DataFrame, price_per_hour: float | None) -> float | None:
    if price_per_hour is None:
        return None
    counts_examples = own["work_unit"].iloc[0] == "example"
    seconds = 1 / own["throughput"] if counts_examples else own["period_s"]
    of_one = _median(seconds)
    return None if of_one is None else of_one * _MILLION * price_per_hour / _HOUR_S
