"""A sweep is compared by what it names, each metric in the direction that is better."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis.comparisons.compare import comparisons
from analysis.comparisons.comparison import COMPARISONS, Comparison, of_first_metric
from analysis.comparisons.metrics import METRICS, fewest_calls
from analysis.comparisons.pairs import Evidence
from analysis.comparisons.verdict import Verdict
from analysis.figures import draw
from analysis.figures.registry import figure_names
from analysis.recommendations.recommend import Recommendation, recommendations
from analysis.report import render
from analysis.tables.launch_columns import LAUNCH_COLUMNS
from tests.made.analysed import make_tables, written_pages
from tests.made.judged import claim, ratio, verdicts
from tests.made.known_truth import Truth, launches_of, plan_of
from tests.made.simulated import failed, switch, write_simulated_machine
from workloads.vocabulary.metrics import MetricName
from workloads.vocabulary.plan import Plan
from workloads.vocabulary.record import Record, to_json

DEFAULT, ONE = {"intra_op": "default"}, {"intra_op": 1}
TRUTH = Truth("s", "w", [(DEFAULT, 1.0), (ONE, 2.0)], rounds=8)
BOTH = [MetricName.THROUGHPUT, MetricName.PEAK_MEMORY]


def plan(metrics: list[MetricName]) -> Plan:
    """Of one cell, compared by these."""
    made = plan_of([TRUTH])
    return replace(made, cells=[replace(cell, metrics=metrics) for cell in made.cells])


def rows(**columns: object) -> pd.DataFrame:
    """Launches of two settings, of which the second is twice as fast and takes three times the memory."""
    launches = launches_of([TRUTH], noise=0.001)
    noise = launches["throughput"] / launches["throughput"].median()
    memory = launches["position"].map({1: 1e9, 2: 3e9}) * noise**0.01
    return launches.assign(peak_rss_bytes=memory, **columns)


def test_every_name_has_an_entry_and_every_entry_a_column() -> None:
    assert list(METRICS) == list(MetricName)
    known = {column.name for column in LAUNCH_COLUMNS}
    for metric in METRICS.values():
        assert {metric.column, metric.shown} <= known
        assert metric.better.is_better
        assert metric.worse.is_worse
        assert metric.reads(None) == "\N{EN DASH}"


def test_a_sweep_is_compared_by_each_metric_that_it_names_and_adjusted_over_all() -> None:
    speed, memory = comparisons(plan(BOTH), rows())
    assert (speed.metric, speed.verdict, speed.is_first_metric) == (MetricName.THROUGHPUT, Verdict.FASTER, True)
    assert speed.ratio == pytest.approx(2, rel=0.01)
    assert (memory.metric, memory.verdict, memory.is_first_metric) == (MetricName.PEAK_MEMORY, Verdict.MORE, False)
    assert memory.ratio == pytest.approx(1 / 3, rel=0.01)
    assert (memory.value, memory.baseline_value) == (pytest.approx(3e9, rel=0.01), pytest.approx(1e9, rel=0.01))
    assert memory.by_work is None
    assert speed.family == memory.family == 2
    assert of_first_metric([speed, memory]) == [speed]


def only_comparison(metrics: list[MetricName], launches: pd.DataFrame) -> Comparison:
    (result,) = comparisons(plan(metrics), launches)
    return result


def test_a_sweep_that_names_none_is_compared_by_what_its_workload_is_about() -> None:
    assert only_comparison([], rows()).metric is MetricName.THROUGHPUT
    latency = only_comparison([], rows(metric="latency"))
    assert (latency.metric, latency.is_first_metric) == (MetricName.LATENCY, True)
    assert latency.ratio == pytest.approx(only_comparison([], rows()).ratio)
    mixed = rows().assign(metric=lambda table: table["position"].map({1: "latency", 2: "throughput"}))
    assert only_comparison([], mixed).metric is MetricName.THROUGHPUT


def test_a_percentile_needs_as_many_calls_as_mlperf_s_rule_for_early_stopping_asks_for() -> None:
    """With one call beyond: the numbers of its rules, of which 662 is the file's own minimum for MultiStream."""
    assert [fewest_calls(percentile) for percentile in (90, 95, 97, 99)] == [64, 130, 219, 662]


def test_a_percentile_of_too_few_calls_is_not_compared() -> None:
    launches = rows(samples=661).assign(p99_s=lambda table: table["median_s"])
    assert only_comparison([MetricName.P99_LATENCY], launches).verdict is Verdict.TOO_FEW_CALLS
    enough = launches.assign(samples=launches["samples"].where(launches["round"] < 3, 662))
    result = only_comparison([MetricName.P99_LATENCY], enough)
    assert (result.verdict, result.pairs) == (Verdict.FASTER, 6)


def test_times_of_calls_compare_where_amounts_of_work_have_two_units_and_work_a_second_does_not() -> None:
    launches = rows().assign(work_unit=lambda table: table["position"].map({1: "FLOP", 2: "byte"}))
    assert only_comparison([MetricName.THROUGHPUT], launches).verdict is Verdict.TWO_UNITS
    assert only_comparison([MetricName.LATENCY], launches).verdict is Verdict.FASTER


def test_a_claim_may_be_about_a_metric() -> None:
    truth = Truth("s", "w", [(DEFAULT, 1.0), (ONE, 2.0)], rounds=8)
    contrast = {"setting": DEFAULT, "against": ONE}
    memory = claim(ratio(**contrast, metric="peak_memory"))
    speed = claim(ratio(**contrast))
    judgements = verdicts(memory, speed, evidence=Evidence(plan_of([truth]), rows(), {}))
    assert [judged.verdict for judged in judgements] == ["supported", "refuted"]
    assert judgements[0].effect == pytest.approx(3, rel=0.01)
    assert judgements[0].measure == "gain"
    assert judgements[0].found.startswith("Peak memory on w, intra_op=default against intra_op=1: 3.0")


def recommended(metrics: list[MetricName]) -> list[Recommendation]:
    """What is recommended by a sweep that names these."""
    return recommendations(plan(metrics), comparisons(plan(metrics), rows()), [])


def test_the_first_metric_decides_what_is_recommended() -> None:
    (memory,) = recommended([MetricName.PEAK_MEMORY, MetricName.THROUGHPUT])
    (speed,) = recommended(BOTH)
    assert (memory.stays, speed.stays) == (True, False)


def test_the_report_has_a_comparison_and_a_figure_for_each(tmp_path: Path) -> None:
    def hungry(record: Record) -> Record:
        if record.measurement is None or record.setting.resolved["TF_ENABLE_ONEDNN_OPTS"] == "1":
            return record
        usage = replace(record.measurement.usage, peak_rss_bytes=700 * 2**20 + record.round)
        return replace(record, measurement=replace(record.measurement, usage=usage))

    made = write_simulated_machine(tmp_path, [switch(rounds=3)], faults=hungry)
    cells = [replace(cell, metrics=BOTH) for cell in made.cells]
    (tmp_path / "plan.json").write_text(to_json(replace(made, cells=cells)))
    make_tables(tmp_path)
    for stage in (draw, render):
        assert stage.main(["--results", str(tmp_path)]) == 0
    speed, memory = COMPARISONS.read(tmp_path)
    assert (speed.verdict, memory.verdict) == (Verdict.SLOWER, Verdict.MORE)
    text = written_pages(tmp_path)
    assert "By peak memory: The one comparison with the baseline is more: 0.571×" in text
    assert "| 734 MB | 419 MB | 0.571× |" in text
    assert "(figures/onednn-by-peak_memory.svg)" in text
    assert (tmp_path / "figures/onednn-by-peak_memory.svg").exists()


def test_failed_launches_leave_every_metric_without_a_comparison(tmp_path: Path) -> None:
    made = write_simulated_machine(tmp_path, [switch(rounds=2)], faults=failed)
    cells = [replace(cell, metrics=list(MetricName)) for cell in made.cells]
    (tmp_path / "plan.json").write_text(to_json(replace(made, cells=cells)))
    make_tables(tmp_path)
    assert {entry.verdict for entry in COMPARISONS.read(tmp_path)} == {Verdict.ALL_FAILED}
    assert render.main(["--results", str(tmp_path)]) == 0


def test_a_sweep_by_every_metric_has_no_two_figures_of_one_name() -> None:
    """`latency` is a metric, and percentiles of latency have a figure of their own."""
    (cell,) = plan(list(METRICS)).cells
    cell = replace(cell, module="resnet50", params={"batch": 1})
    names = figure_names(replace(plan_of([]), cells=[cell]))
    assert sorted(set(names)) == sorted(names)
    assert {"s-latency", "s-by-latency"} <= set(names)
