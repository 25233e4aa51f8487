"""Records to tables: one row a launch (failed ones included), one row a slice, one row a sample.

What a launch takes is told by analysis.tables.launch_slices. Samples are described beside it: their median and
percentiles, and whether they settled at one level (analysis.tables.warmup). A short warm-up moves neither much, and to
keep only the last level would keep the spell in which a launch ended, so that all samples of kept cycles count;
tests/unit/analysis/tables/test_warmup.py shows both by simulation.

Knobs are columns of text (one sweep's values are numbers, another's words) named ``knob:NAME``, those that all
settings of a sweep share among them; "default" where TensorFlow's default is left in place, null where the sweep does
not name the knob.

    python -m analysis.tables.tidy --results results/MACHINE
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.plausibility import check as plausibility
from analysis.records.folder import Line, read_plan, read_quickly, read_records
from analysis.tables.columns import Column, Value
from analysis.tables.launch import Launch, launch_of
from analysis.tables.launch_columns import LAUNCH_COLUMNS, knob_column
from analysis.tables.launch_samples import LaunchSamples
from analysis.tables.launch_slices import LaunchSlices
from analysis.tables.slice_columns import SAMPLE_COLUMNS, SLICE_COLUMNS
from analysis.tables.tables import LAUNCHES, SAMPLES, SLICES, write_frame
from workloads.vocabulary.command_line import stage
from workloads.vocabulary.plan import Plan
from workloads.vocabulary.record import written


class Tables(NamedTuple):
    """What records come to."""

    launches: pd.DataFrame
    samples: pd.DataFrame
    slices: pd.DataFrame


def tidy(lines: Iterable[Line], plan: Plan, wrong: Mapping[tuple[str, int], str] = MappingProxyType({})) -> Tables:
    """The tables of records in the order in which they come; `wrong`: why some do not count, by file and line.

    Samples stream into arrays, so that the records themselves need not be held: ten million are 0.2 GB.
    """
    fixed = {(cell.sweep, cell.workload, cell.definition): cell.fixed for cell in plan.cells}
    knobs = knobs_of(plan)
    columns: dict[str, list[Value]] = {column.name: [] for column in LAUNCH_COLUMNS if column.of}
    columns |= {knob_column(knob).name: [] for knob in knobs}
    of_launch = [(columns[column.name].append, column.of) for column in LAUNCH_COLUMNS if column.of]
    of_knob = [(columns[knob_column(knob).name].append, knob) for knob in knobs]
    seconds, counts, warmups, slices = array("d"), array("q"), array("q"), LaunchSlices()
    blocks: list[tuple[str, int, int]] = []
    for line in lines:
        launch, record = launch_of(line, wrong.get((line.file, line.number), "")), line.record
        for append, of in of_launch:
            append(of(launch))
        resolved = fixed[record.sweep, record.workload, record.definition] | record.setting.resolved
        for append, knob in of_knob:
            append(written(resolved[knob]) if knob in resolved else None)
        slices.add(record, launch.measurement)
        blocks.append((record.definition, record.round, record.turns.block))
        warmup = launch.measurement.warmup if launch.measurement else []
        seconds.extend(warmup)
        seconds.extend(launch.samples)
        counts.append(len(warmup) + len(launch.samples))
        warmups.append(len(warmup))
    taken, lengths, warm = np.asarray(seconds), np.asarray(counts), np.asarray(warmups)
    places = _places(lengths)
    is_warmup = places < np.repeat(warm, lengths)
    machine = np.ones(len(taken))
    machine[~is_warmup] = slices.machine(blocks)
    timed = LaunchSamples(taken, np.cumsum(lengths) - lengths + warm, lengths - warm, machine)
    launches = _frame(timed.columns | slices.columns() | columns, launch_columns(plan))
    ids = launches["id"]
    samples = {"index": places.astype(np.int32), "seconds": taken, "warmup": is_warmup}
    return Tables(launches, pd.DataFrame({"id": _owners(ids, lengths), **samples}), slices.frame(ids))


def knobs_of(plan: Plan) -> list[str]:
    """The knobs that any launch of the plan has, sorted."""
    knobs = [cell.fixed.keys() | setting.resolved.keys() for cell in plan.cells for setting in cell.settings]
    return sorted(set().union(*knobs))


def launch_columns(plan: Plan) -> list[Column[Launch]]:
    """The columns of the plan's launches."""
    return [*LAUNCH_COLUMNS, *map(knob_column, knobs_of(plan))]


def _frame(values: dict[str, Sequence[Value]], declared: list[Column[Launch]]) -> pd.DataFrame:
    series = {column.name: column.series(values[column.name]) for column in declared if column.name in values}
    series["period_s"] = series["call_s"] / series["callers"].astype(float)
    series["throughput"] = series["work_amount"] / series["period_s"]
    for percentile in ("p95_s", "p99_s"):  # where there is one caller, it is the worst
        series[f"worst_{percentile}"] = series[f"worst_{percentile}"].fillna(series[percentile])
    return pd.DataFrame({column.name: series[column.name] for column in declared})


def _owners(ids: pd.Series, counts: np.ndarray) -> pd.Categorical:
    """Of each sample, its launch's id."""
    owner = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    return pd.Categorical.from_codes(owner, categories=pd.Index(ids.astype(object), dtype=object))


def _places(counts: np.ndarray) -> np.ndarray:
    """Of each sample, its place in its launch, from 0."""
    places: np.ndarray = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return places


def write(root: Path) -> None:
    """Make the tables of the machine's folder `root`. Raises AnalysisError."""
    plan = read_plan(root)
    with read_quickly():
        tables = tidy(read_records(root, plan), plan, plausibility.read(root).reasons)
    write_frame(tables.launches, launch_columns(plan), root / LAUNCHES)
    write_frame(tables.samples, SAMPLE_COLUMNS, root / SAMPLES)
    write_frame(tables.slices, SLICE_COLUMNS, root / SLICES)


main = stage(write)


if __name__ == "__main__":
    raise SystemExit(main())
