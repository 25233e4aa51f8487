"""What settings take beside time: medians over the launches that count, and money where a price is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.comparisons.resources import RESOURCES, resources
from analysis.report.render import render
from analysis.tables.tables import read_launches
from tests.made.analysed import make_tables
from tests.made.simulated import failed, switch, write_simulated_machine
from workloads.vocabulary.plan import Plan
from workloads.vocabulary.record import Record, to_json


def _machine(root: Path, price: float | None = None) -> Plan:
    """Three launches of each setting; of the second setting, the first one fails."""

    def faults(record: Record) -> Record:
        usage = replace(record.measurement.usage, peak_rss_bytes=record.round * 10**9) if record.measurement else None
        if usage is None or record.measurement is None:
            return record
        measured = replace(record, measurement=replace(record.measurement, usage=usage))
        return (
            failed(measured)
            if record.round == 1 and str(record.setting.resolved["TF_ENABLE_ONEDNN_OPTS"]) == "0"
            else measured
        )

    plan = write_simulated_machine(root, [switch(rounds=3)], faults=faults)
    plan = replace(plan, config=plan.config | {"price_per_hour": price})
    (root / "plan.json").write_text(to_json(plan))
    make_tables(root)
    return plan


def test_a_row_is_the_median_of_the_launches_that_count(tmp_path: Path) -> None:
    _machine(tmp_path)
    base, other = RESOURCES.read(tmp_path)
    assert (base.launches, other.launches) == (3, 2)
    assert (base.peak_memory, other.peak_memory) == (2e9, 2.5e9)
    assert (base.is_baseline, other.is_baseline, base.cost) == (True, False, None)


def test_the_price_of_a_million_is_that_of_their_time(tmp_path: Path) -> None:
    plan = _machine(tmp_path, price=3.6)
    launches = read_launches(tmp_path)
    base = resources(plan, launches)[0]
    times = launches[launches["label"] == base.label]["call_s"]
    assert base.cost == pytest.approx(1000 * times.median())  # 3.6 an hour: a thousandth a second, for a million calls
    of_examples = launches.assign(work_unit="example", throughput=100.0)
    assert [row.cost for row in resources(plan, of_examples)] == [pytest.approx(10.0)] * 2


def test_the_details_show_them_and_the_price_only_where_there_is_one(tmp_path: Path) -> None:
    _machine(tmp_path / "free")
    _machine(tmp_path / "paid", price=0.5)
    free, paid = (render(tmp_path / name)["details.md"] for name in ("free", "paid"))
    assert "## What each setting takes" in free
    assert "Cost |" not in free
    assert "at 0.5 an hour" in paid
    assert "| Temperature | Cost |" in paid


def test_what_nothing_tells_is_not_available(tmp_path: Path) -> None:
    plan = _machine(tmp_path)
    launches = read_launches(tmp_path).assign(celsius=float("nan"), mhz=float("nan"))
    assert {(row.celsius, row.mhz) for row in resources(plan, launches)} == {(None, None)}
