"""Percentiles of calls, on launches with known times."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from analysis.comparisons.latency import latencies
from analysis.report import render as report
from analysis.tables.tables import read_launches
from analysis.wording import call_time, interval
from tests.made.analysed import make_tables
from tests.made.known_truth import Truth, launches_of, plan_of
from tests.made.simulated import Noise, SimulatedCell, write_simulated_machine
from workloads.vocabulary.record import Record

TRUTH = Truth("s", "w", [({"intra_op": 1}, 1.0), ({"intra_op": 2}, 2.0)], rounds=8)


def rows(calls: int = 1000, metric: str = "latency") -> pd.DataFrame:
    """Launches whose slowest calls take three times the median with the baseline, and six times with the other."""
    launches = launches_of([TRUTH], noise=0.01).reset_index(drop=True)
    slow = launches["position"].map({1: 3.0, 2: 6.0})
    times = {"p95_s": launches["median_s"] * 2, "p99_s": launches["median_s"] * slow}
    return launches.assign(samples=calls, metric=metric, **times)


def test_each_percentile_is_compared_with_the_baseline_s() -> None:
    """Twice as fast at the median is no faster at p99, where its tail is twice as long."""
    *base, half, most, extreme = latencies(plan_of([TRUTH]), rows())
    assert [(entry.is_baseline, entry.ratio) for entry in base] == [(True, None)] * 3
    assert not any(entry.is_baseline for entry in (half, most, extreme))
    assert half.ratio == pytest.approx(2, rel=0.02)
    assert most.ratio == pytest.approx(2, rel=0.02)
    assert extreme.ratio == pytest.approx(1, rel=0.02)
    assert extreme.low is not None
    assert extreme.high is not None
    assert extreme.low < 1 < extreme.high
    assert extreme.seconds == pytest.approx(6 * (half.seconds or math.nan), rel=0.05)


@pytest.mark.parametrize(("calls", "told"), [(3, [False] * 3), (129, [True, False, False]), (130, [True, True, False])])
def test_a_percentile_of_a_few_calls_is_not_told(calls: int, told: list[bool]) -> None:
    result = latencies(plan_of([TRUTH]), rows(calls))
    assert [entry.seconds is not None for entry in result] == told * 2


def test_workloads_about_throughput_have_none() -> None:
    assert latencies(plan_of([TRUTH]), rows(metric="throughput")) == []


def test_without_a_baseline_there_are_times_and_no_ratios() -> None:
    launches = rows()
    launches.loc[launches["position"] == 1, "status"] = "timeout"
    result = latencies(plan_of([TRUTH]), launches)
    assert [(entry.seconds is not None, entry.ratio) for entry in result] == [(True, None)] * 3


def test_the_report_shows_them(tmp_path: Path) -> None:
    def latency(record: Record) -> Record:
        assert record.measurement is not None
        return replace(record, measurement=replace(record.measurement, metric="latency"))

    cell = SimulatedCell("pools", "request", [{"intra_op": 1}, {"intra_op": 2}], [1.0, 2.0], rounds=3)
    plan = write_simulated_machine(tmp_path, [cell], noise=Noise(samples=670), faults=latency)
    make_tables(tmp_path)
    assert report.main(["--results", str(tmp_path)]) == 0
    section = (tmp_path / "report.md").read_text().partition("## Latency")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| request")]
    result = latencies(plan, read_launches(tmp_path))
    assert len(rows) == 2
    assert "(the baseline) | 670 |" in rows[0]
    for entry in result[3:]:
        assert f"{call_time(entry.seconds)} ({interval(entry.low, entry.high)})" in rows[1]
