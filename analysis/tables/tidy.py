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

import math
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.records.folder import Line, read_plan, read_records
from analysis.tables.launch_samples import NUMBERS, LaunchSamples
from analysis.tables.tables import LAUNCHES, SAMPLES, write_table
from workloads.vocabulary.command_line import stage
from workloads.vocabulary.plan import Plan
from workloads.vocabulary.record import Measurement, Record, written

Value = str | int | float | bool | None


def asked_threads(record: Record, pool: str) -> int | None:
    """Threads that TensorFlow should give `pool` ("intra" or "inter"), by its rules (docs/method.md#thread-pools).

    The API's value (> 0) beats the environment's, which beats the default: the CPUs of the affinity mask.
    None if the default counts and the mask was not seen.
    """
    api = record.case.intra_op if pool == "intra" else record.case.inter_op
    if api is not None and api > 0:
        return api
    text = record.environment.get(f"TF_NUM_{pool.upper()}OP_THREADS", "")
    if text.isdecimal() and int(text) > 0:
        return int(text)
    return len(record.measurement.observed.cpus) if record.measurement else None


def launch_row(line: Line, sound: bool) -> dict[str, Value]:
    """One launch as a flat row, without what its samples come to; what it cannot tell is None. Seconds, bytes."""
    record = line.record
    failure = record.failure
    measurement = record.measurement if sound else None
    return {
        "id": record.id,
        "sweep": record.sweep,
        "workload": record.workload,
        "definition": record.definition,
        "round": record.round,
        "position": record.position,
        "setting": record.setting.id,
        "label": record.setting.label,
        "status": record.status if measurement or record.status != "ok" else "no_record",
        "attempt": record.attempt,
        "disturbed": record.disturbed,
        "set_aside": record.disturbed is not None,
        **_measured(measurement),
        "asked_intra": asked_threads(record, "intra"),
        "asked_inter": asked_threads(record, "inter"),
        "message": failure.message if failure else None if measurement else _UNSOUND,
        "last_stderr": failure.stderr[-1] if failure and failure.stderr else None,
        "wall_s": record.wall_s,
        "engine_s": record.engine_s,
        "gate_s": record.gate_s,
        "started_at": record.started_at,
        "session": record.session,
        "cpuset": record.cpuset,
        "image": record.image.name,
        "image_content": record.image.content,
        "file": line.file,
        "line": line.number,
    }


_UNSOUND = "its times are not all positive numbers"


def sound(record: Record) -> bool:
    """Whether all times of a launch are positive numbers, and there are some; a clock that jumped gives others."""
    if record.measurement is None:
        return False
    times = record.measurement.warmup + record.measurement.samples
    return bool(record.measurement.samples) and all(math.isfinite(time) and time > 0 for time in times)


def _measured(measurement: Measurement | None) -> dict[str, Value]:
    if measurement is None:
        return dict.fromkeys(_MEASURED)
    before, after, around = measurement.canary_before, measurement.canary_after, measurement.surroundings
    phases, check, seen, usage = measurement.phases, measurement.check, measurement.observed, measurement.usage
    values: tuple[Value, ...] = (
        *(len(measurement.samples), measurement.calls_per_sample),
        *(measurement.work.amount, measurement.work.unit, measurement.metric),
        *(phases.start_s, phases.import_s, phases.build_s, phases.first_call_s),
        *(phases.check_s, phases.warmup_s, phases.timing_s, phases.canary_s),
        *(check.passed, check.error, check.tolerance, check.reference),
        *(seen.intra_threads, seen.inter_threads, seen.threads, len(seen.cpus), seen.cpu_per_wall),
        *(seen.onednn, ",".join(seen.devices), seen.traces, seen.allocator, seen.throttled_s),
        *(before.one_s, after.one_s, before.capacity, after.capacity),
        *(around.load, around.steal_s, around.pressure_s, around.mhz, around.celsius),
        *(usage.cpu_s, usage.peak_rss_bytes, usage.voluntary_switches, usage.involuntary_switches),
        measurement.versions.get("tensorflow"),
    )
    return dict(zip(_MEASURED, values, strict=True))


_MEASURED = (
    *("samples", "calls_per_sample"),  # samples without warm-up
    *("work_amount", "work_unit", "metric"),  # a call's work
    *("start_s", "import_s", "build_s", "first_call_s", "check_s", "warmup_s", "timing_s", "canary_s"),
    *("check_passed", "check_error", "check_tolerance", "check_reference"),
    *("observed_intra", "observed_inter", "observed_threads", "observed_cpus", "cpu_per_wall"),
    *("onednn", "devices", "traces", "allocator", "throttled_s"),
    *("canary_one_before", "canary_one_after", "canary_capacity_before", "canary_capacity_after"),
    *("load", "steal_s", "pressure_s", "mhz", "celsius"),
    *("cpu_s", "peak_rss_bytes", "voluntary_switches", "involuntary_switches"),
    "tensorflow",
)
_BOOLEANS = {"check_passed", "onednn", "set_aside"}
_INTEGERS = {
    *("round", "position", "attempt", "line", "samples", "calls_per_sample", "asked_intra", "asked_inter"),
    *("observed_intra", "observed_inter", "observed_threads", "observed_cpus", "traces"),
    *("peak_rss_bytes", "voluntary_switches", "involuntary_switches", "steady_from"),
}
_FLOATS = {
    *(*NUMBERS, "throughput", "work_amount", "check_error", "check_tolerance"),
    *("start_s", "import_s", "build_s", "first_call_s", "check_s", "warmup_s", "timing_s", "canary_s", "wall_s"),
    *("engine_s", "gate_s", "cpu_per_wall", "cpu_s", "throttled_s"),
    *("canary_one_before", "canary_one_after", "canary_capacity_before", "canary_capacity_after"),
    *("load", "steal_s", "pressure_s", "mhz", "celsius"),
}
_FIRST = (
    *("id", "sweep", "workload", "definition", "round", "position", "setting", "label", "status"),
    *("attempt", "disturbed", "set_aside"),
)
_LAST = (
    *("asked_intra", "asked_inter", "message", "last_stderr", "wall_s", "engine_s", "gate_s", "started_at", "session"),
    *("cpuset", "image", "image_content", "file", "line"),
)


def tidy(lines: Iterable[Line], plan: Plan) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables (launches, samples) of records in the order in which they come.

    Samples stream into arrays, so that the records themselves need not be held: ten million are 0.2 GB.
    """
    fixed = {(cell.sweep, cell.workload, cell.definition): cell.fixed for cell in plan.cells}
    turned_anywhere = [cell.fixed.keys() | setting.resolved.keys() for cell in plan.cells for setting in cell.settings]
    knobs = sorted(set().union(*turned_anywhere))
    columns: dict[str, list[Value]] = {name: [] for name in (*_FIRST, *_MEASURED, *_LAST)}
    turned: dict[str, list[Value]] = {f"knob:{knob}": [] for knob in knobs}
    seconds, counts, warmups = array("d"), array("q"), array("q")
    for line in lines:
        record = line.record
        is_sound = sound(record)
        for name, value in launch_row(line, is_sound).items():
            columns[name].append(value)
        resolved = fixed[record.sweep, record.workload, record.definition] | record.setting.resolved
        for knob in knobs:
            value = resolved.get(knob)
            turned[f"knob:{knob}"].append(None if knob not in resolved else written(value))
        measurement = record.measurement if is_sound else None
        if measurement:
            seconds.extend(measurement.warmup)
            seconds.extend(measurement.samples)
        counts.append(len(measurement.warmup) + len(measurement.samples) if measurement else 0)
        warmups.append(len(measurement.warmup) if measurement else 0)
    taken, lengths, warm = np.asarray(seconds), np.asarray(counts), np.asarray(warmups)
    launches = pd.DataFrame({name: _typed(name, values) for name, values in (columns | turned).items()})
    timed = LaunchSamples(taken, np.cumsum(lengths) - lengths + warm, lengths - warm)
    return _with_statistics(launches, timed), _samples(launches["id"], taken, lengths, warm)


def _with_statistics(launches: pd.DataFrame, samples: LaunchSamples) -> pd.DataFrame:
    """What the samples come to, before the other measured columns. `throughput`: work units a second, at the median."""
    numbers = {name: pd.Series(values, dtype="float64") for name, values in samples.numbers.items()}
    numbers["throughput"] = launches["work_amount"] / numbers["median_s"]
    words = {name: _typed(name, getattr(samples, name)) for name in ("steadiness", "steady_from")}
    at = len(_FIRST)
    return pd.concat([launches.iloc[:, :at], pd.DataFrame(numbers | words), launches.iloc[:, at:]], axis=1)


def _typed(name: str, values: Sequence[Value]) -> pd.Series:
    # Named kinds, because an all-null column would otherwise have another type in each run.
    kind = (
        "boolean" if name in _BOOLEANS else "Int64" if name in _INTEGERS else "float64" if name in _FLOATS else "string"
    )
    return pd.Series(values, dtype=kind)


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
    write_table(launches, root / LAUNCHES)
    write_table(samples, root / SAMPLES)


main = stage(write)


if __name__ == "__main__":
    raise SystemExit(main())
