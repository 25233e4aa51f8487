"""Launches as pyperf's JSON (format 1.0), so that `python -m pyperf compare_to A.json B.json` reads them.

One benchmark for each workload and setting, one run for each launch: `values` are its samples in seconds a call,
`warmups` those before the timing, `loops` the calls of a sample. The file is made of the documented keys, so that a run
needs no further package; the tests read it with pyperf itself.

pyperf's test takes every value as independent, which samples of one launch are not, and says "ERROR when testing if
values are significant" where two files do not have the same number of values. With --medians a launch has one value,
its median: the test then counts launches, and works where both sides have as many that count.
"""

import json
import statistics
from pathlib import Path

from analysis.export.series import Launch, Series, read_series
from analysis.records.written import written_label
from analysis.tables.timed_slices import timed_samples
from workloads.vocabulary.documents import write_text
from workloads.vocabulary.inventory import Machine

Metadata = dict[str, str | int | float]


def document(machine: Machine, series: list[Series], *, medians: bool) -> dict[str, object]:
    """The file's content; with `medians` one value for each launch."""
    shared: Metadata = {
        "machine": machine.slug,
        "cpu_model_name": machine.cpu,
        "cpu_count": machine.logical_cpus,
        "platform": f"{machine.os}, {machine.kernel}, {machine.architecture}",
        "unit": "second",
    }
    return {"version": "1.0", "metadata": shared, "benchmarks": [_benchmark(tested, medians) for tested in series]}


def _benchmark(series: Series, medians: bool) -> dict[str, object]:
    versions = series.launches[0].measurement.versions
    about: Metadata = {
        "name": series.name,
        "sweep": series.cell.sweep,
        "workload": series.cell.workload,
        "definition": series.cell.definition,
        "setting": written_label(series.setting),
        "setting_resolved": series.setting.label or "default",
        "python_version": versions.get("python", "unknown"),
        "tensorflow": versions.get("tensorflow", "unknown"),
    }
    return {"metadata": about, "runs": [_run(launch, medians) for launch in series.launches]}


def _run(launch: Launch, medians: bool) -> dict[str, object]:
    record, measurement = launch.record, launch.measurement
    calls, samples = measurement.calls_per_sample, timed_samples(record)
    about: Metadata = {
        "date": record.started_at,
        "duration": record.wall_s,
        "loops": calls * len(samples) if medians else calls,
        "mem_max_rss": measurement.usage.peak_rss_bytes,
        "cpu_affinity": record.cpuset,
        "image_content": record.image.content,
        "record": record.id,
    }
    if measurement.surroundings.load is not None:
        about["load_avg_1min"] = measurement.surroundings.load
    values = [statistics.median(samples)] if medians else samples
    run: dict[str, object] = {"metadata": about, "values": values}
    return run | {"warmups": [[calls, seconds] for seconds in measurement.warmup]} if measurement.warmup else run


def write(root: Path, setting: str | None, out: Path, *, medians: bool) -> None:
    """Write the launches of the machine's folder `root` that count. Raises AnalysisError."""
    text = json.dumps(document(*read_series(root, setting), medians=medians), indent=1)
    write_text(out, text + "\n")
