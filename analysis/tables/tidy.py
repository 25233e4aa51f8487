"""Records to two tables: one row a launch (failed ones included), one row a sample.

A launch's statistic is the median of its samples. Kalibera and Jones (2013, "Rigorous benchmarking in
reasonable time") use the mean; on a shared machine, though, interference only ever adds time and comes in bursts
shorter than a launch (Chen and Revels 2016, "Robust benchmarking in noisy environments"), so that the median repeats
better from round to round. What a median hides is a longer tail that a setting itself causes: the mean is kept
beside it, and the comparisons give the speed-up of the means too.

It is the median of all timed samples, also where analysis.tables.warmup finds that the first or last of them are at
another level: a short warm-up moves a median little, and to keep only the last level would keep the spell in which a
launch ended. tests/unit/analysis/tables/test_warmup.py shows both by simulation.

Knobs are columns of text (one sweep's values are numbers, another's words) named ``knob:NAME``, those that all
settings of a sweep share among them; "default" where TensorFlow's default is left in place, null where the sweep does
not name the knob.

    python -m analysis.tables.tidy --results results/MACHINE
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.records.folder import Line, read_plan, read_records
from analysis.tables.columns import Column, Value
from analysis.tables.launch_columns import LAUNCH_COLUMNS, SAMPLE_COLUMNS, Launch, knob_column, launch_of
from analysis.tables.launch_samples import LaunchSamples
from analysis.tables.tables import LAUNCHES, SAMPLES, write_frame
from analysis.tables.timed_slices import timed_samples
from workloads.vocabulary.command_line import stage
from workloads.vocabulary.plan import Plan
from workloads.vocabulary.record import written


def tidy(lines: Iterable[Line], plan: Plan) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables (launches, samples) of records in the order in which they come.

    Samples stream into arrays, so that the records themselves need not be held: ten million are 0.2 GB.
    """
    fixed = {(cell.sweep, cell.workload, cell.definition): cell.fixed for cell in plan.cells}
    knobs = knobs_of(plan)
    columns: dict[str, list[Value]] = {column.name: [] for column in LAUNCH_COLUMNS if column.of}
    columns |= {knob_column(knob).name: [] for knob in knobs}
    of_launch = [(columns[column.name].append, column.of) for column in LAUNCH_COLUMNS if column.of]
    of_knob = [(columns[knob_column(knob).name].append, knob) for knob in knobs]
    seconds, counts, warmups = array("d"), array("q"), array("q")
    for line in lines:
        launch, record = launch_of(line), line.record
        for append, of in of_launch:
            append(of(launch))
        resolved = fixed[record.sweep, record.workload, record.definition] | record.setting.resolved
        for append, knob in of_knob:
            append(written(resolved[knob]) if knob in resolved else None)
        measurement = launch.measurement
        if measurement:
            seconds.extend(measurement.warmup)
            seconds.extend(timed_samples(record))
        counts.append(len(measurement.warmup) + len(timed_samples(record)) if measurement else 0)
        warmups.append(len(measurement.warmup) if measurement else 0)
    taken, lengths, warm = np.asarray(seconds), np.asarray(counts), np.asarray(warmups)
    timed = LaunchSamples(taken, np.cumsum(lengths) - lengths + warm, lengths - warm)
    launches = _frame(columns, timed, launch_columns(plan))
    return launches, _samples(launches["id"], taken, lengths, warm)


def knobs_of(plan: Plan) -> list[str]:
    """The knobs that any launch of the plan has, sorted."""
    knobs = [cell.fixed.keys() | setting.resolved.keys() for cell in plan.cells for setting in cell.settings]
    return sorted(set().union(*knobs))


def launch_columns(plan: Plan) -> list[Column[Launch]]:
    """The columns of the plan's launches."""
    return [*LAUNCH_COLUMNS, *map(knob_column, knobs_of(plan))]


def _frame(columns: dict[str, list[Value]], timed: LaunchSamples, declared: list[Column[Launch]]) -> pd.DataFrame:
    values = timed.columns | columns
    series = {column.name: column.series(values[column.name]) for column in declared if column.name in values}
    # Work units a second, at the median.
    series["throughput"] = series["work_amount"] / series["median_s"]
    return pd.DataFrame({column.name: series[column.name] for column in declared})


def _samples(ids: pd.Series, seconds: np.ndarray, counts: np.ndarray, warmups: np.ndarray) -> pd.DataFrame:
    owner = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    index = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    return pd.DataFrame(
        {
            "id": pd.Categorical.from_codes(owner, categories=pd.Index(ids.astype(object), dtype=object)),
            "index": index.astype(np.int32),
            "seconds": seconds,
            "warmup": index < np.repeat(warmups, counts),
        }
    )


def write(root: Path) -> None:
    """Make both tables of the machine's folder `root`. Raises AnalysisError."""
    plan = read_plan(root)
    launches, samples = tidy(read_records(root, plan), plan)
    write_frame(launches, launch_columns(plan), root / LAUNCHES)
    write_frame(samples, SAMPLE_COLUMNS, root / SAMPLES)


main = stage(write)


if __name__ == "__main__":
    raise SystemExit(main())
