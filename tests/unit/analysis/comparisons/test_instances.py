"""One instance against two whose speeds are known, from simulated records to the comparisons."""

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.comparisons.comparison import COMPARISONS, Comparison
from tests.made.analysed import make_tables
from tests.made.simulated import Noise, SimulatedCell, write_simulated_machine
from workloads.vocabulary.metrics import MetricName
from workloads.vocabulary.record import Record, to_json
from workloads.vocabulary.slice import Share, Slice, together

# An instance's calls, over those of the launch of one: the second one's CPU is a slow one.
FIRST, SECOND = 0.9, 0.72
METRICS = [MetricName.THROUGHPUT, MetricName.LATENCY, MetricName.PEAK_MEMORY, MetricName.CPU_TIME]


def doubled(taken: Slice) -> Slice:
    """Beside what an instance did, what a slower one does in about the same time."""
    slower = [sample * FIRST / SECOND for sample in taken.samples[: round(len(taken.samples) * SECOND / FIRST)]]
    shares = [Share(len(samples), sum(samples), sum(samples)) for samples in (taken.samples, slower)]
    wall_s = together([share.wall_s for share in shares], [share.samples for share in shares])
    cpu_s = sum(share.cpu_s for share in shares)
    return replace(taken, samples=[*taken.samples, *slower], wall_s=wall_s, cpu_s=cpu_s, shares=shares)


def with_instances(record: Record) -> Record:
    """The record as it was simulated, or with a second instance if its setting asks for one."""
    assert record.measurement is not None
    slices, rss = record.measurement.slices, 4 * 10**8 + record.round
    instances = int(record.setting.resolved["instances"] or 0)
    if instances == 2:
        slices, rss = [doubled(taken) for taken in slices], 2 * rss
    usage = replace(record.measurement.usage, peak_rss_bytes=rss, cpu_s=sum(taken.cpu_s for taken in slices))
    measurement = replace(record.measurement, slices=slices, usage=usage)
    return replace(record, case=replace(record.case, instances=instances), measurement=measurement)


@pytest.fixture
def by_metric(tmp_path: Path) -> dict[MetricName, Comparison]:
    cell = SimulatedCell("instances", "mobilenet", [{"instances": 1}, {"instances": 2}], [1.0, FIRST], rounds=8)
    noise = Noise(in_turns=True, cycle_sd=0.02, samples=200)
    made = write_simulated_machine(tmp_path, [cell], noise=noise, faults=with_instances)
    cells = [replace(cell, metrics=METRICS) for cell in made.cells]
    (tmp_path / "plan.json").write_text(to_json(replace(made, cells=cells)))
    make_tables(tmp_path)
    return {entry.metric: entry for entry in COMPARISONS.read(tmp_path)}


def test_the_throughput_of_instances_is_their_sum_and_the_latency_what_each_call_takes(
    by_metric: dict[MetricName, Comparison],
) -> None:
    speed, latency = by_metric[MetricName.THROUGHPUT], by_metric[MetricName.LATENCY]
    for comparison, truth in ((speed, FIRST + SECOND), (latency, (FIRST + SECOND) / 2)):
        assert comparison.ratio == pytest.approx(truth, rel=0.02)
        assert comparison.low is not None
        assert comparison.high is not None
        assert comparison.low < truth < comparison.high
    assert (speed.verdict, latency.verdict) == ("faster", "slower")
    assert speed.value == pytest.approx((speed.baseline_value or 0.0) / (FIRST + SECOND), rel=0.05)
    assert speed.call_s == pytest.approx(latency.value)


def test_memory_is_the_sum_and_cpu_time_that_of_each_unit_of_work(by_metric: dict[MetricName, Comparison]) -> None:
    assert by_metric[MetricName.PEAK_MEMORY].ratio == pytest.approx(0.5)
    # The simulated launch of one keeps 1.9 CPUs busy, each instance its own.
    assert by_metric[MetricName.CPU_TIME].ratio == pytest.approx(1.9 * (FIRST + SECOND) / 2, rel=0.02)
