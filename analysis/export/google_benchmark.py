"""Launches as Google Benchmark's JSON, so that its `compare.py benchmarks A.json B.json` reads them.

One entry for each launch, as a repetition of its benchmark: `real_time` and `cpu_time` are means a call in `time_unit`,
as that library's own are, `iterations` the timed calls. Its U test then counts launches, which are independent, and
needs nine of them to be content.
"""

import json
from pathlib import Path

from analysis.export.series import Launch, Series, read_series
from analysis.records.written import written_label
from analysis.tables.callers import callers
from analysis.tables.timed_slices import timed_samples, timed_slices
from workloads.vocabulary.documents import write_text
from workloads.vocabulary.inventory import Machine

_UNIT, _UNITS_A_SECOND = "ms", 1e3


def document(machine: Machine, series: list[Series]) -> dict[str, object]:
    """The file's content."""
    started = min(launch.record.started_at for series in series for launch in series.launches)
    context = {
        "date": started,
        "host_name": machine.slug,
        "executable": "threadmark",
        "num_cpus": machine.logical_cpus,
        "cpu_model_name": machine.cpu,
        "cpu_scaling_enabled": machine.governor not in (None, "performance"),
        "library_build_type": "release",
    }
    entries = [
        _entry(series, family, repetition, launch)
        for family, series in enumerate(series)
        for repetition, launch in enumerate(series.launches)
    ]
    return {"context": context, "benchmarks": entries}


def _entry(series: Series, family: int, repetition: int, launch: Launch) -> dict[str, object]:
    record, measurement = launch.record, launch.measurement
    slices = timed_slices(record)
    calls = len(timed_samples(record)) * measurement.calls_per_sample
    seconds = sum(slice_.wall_s for slice_ in slices) / calls
    return {
        "name": series.name,
        "family_index": family,
        "per_family_instance_index": 0,
        "run_name": series.name,
        "run_type": "iteration",
        "repetitions": len(series.launches),
        "repetition_index": repetition,
        "threads": callers(record.case),  # that call the workload; those of TensorFlow's pools are part of the setting
        "iterations": calls,
        "real_time": seconds * _UNITS_A_SECOND,
        "cpu_time": sum(slice_.cpu_s for slice_ in slices) / calls * _UNITS_A_SECOND,
        "time_unit": _UNIT,
        "label": f"{written_label(series.setting)}; TensorFlow {measurement.versions.get('tensorflow')}; {record.id}",
    }


def write(root: Path, setting: str | None, out: Path) -> None:
    """Write the launches of the machine's folder `root` that count. Raises AnalysisError."""
    text = json.dumps(document(*read_series(root, setting)), indent=1)
    write_text(out, text + "\n")
