"""Launches of a real round that take turns: which of them are up together, and what their records say of it."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient

from containers.host.machine import Host
from containers.host.outside import obstacle
from containers.plan.config import validate
from containers.plan.make import make_plan
from containers.rounds import memory
from containers.rounds.bench import Bench
from containers.rounds.patience import Patience
from containers.rounds.round import measure
from workloads.vocabulary import documents
from workloads.vocabulary.inventory import Receipt
from workloads.vocabulary.record import Record

Round = Callable[..., list[Record]]
THREADS = {"grid": {"intra_op": [1, 2, 3]}, "baseline": {"intra_op": 1}}


@pytest.fixture
def measured(client: DockerClient, cpu: Receipt, tmp_path: Path) -> Round:
    """Measure one round of a sweep over a small matrix product, here in this process."""

    def measured(cycles: int = 4, **sweep: Any) -> list[Record]:
        config = {
            "rounds": 1,
            "timing": {"warmup_s": 0.05, "slice_s": 0.05, "cycles": cycles},
            "workloads": {"matmul": {"params": {"n": 128}}},
            "sweeps": {"threads": {"question": "?", "workloads": ["matmul"], **(sweep or THREADS)}},
        }
        host = Host(slug="test-0", cpus=sorted(os.sched_getaffinity(0)), physical_cores=1, gpu_reason="none")
        plan = make_plan(validate(config), host, {"cpu": cpu.context, "cuda": "0"})
        documents.write(tmp_path / "plan.json", plan)
        documents.write(tmp_path / "images/cpu.json", cpu)
        (cell,) = plan.cells
        measure(tmp_path, plan, cell, 1, Patience(print))
        assert client.containers.list(all=True, filters={"label": "threadmark=launch"}) == []
        lines = (tmp_path / cell.round_file(1)).read_bytes().splitlines()
        return [documents.parse(Record, line, "the round") for line in lines]

    return measured


def test_the_launches_of_a_round_take_turns_and_are_idle_between_them(measured: Round) -> None:
    records = measured()
    assert [record.status for record in records] == ["ok"] * 3
    assert {record.turns.block for record in records} == {1}
    assert records[0].setting.resolved == {"intra_op": 1}, (
        "the baseline comes first: it tells how much memory they take"
    )
    ticks = {tuple(record.turns.ticks) for record in records}
    assert len(ticks) == 1
    for places in zip(*(record.turns.places for record in records), strict=True):
        assert sorted(places) == [1, 2, 3]
    for record in records:
        assert record.measurement is not None
        slices = record.measurement.slices
        assert len(slices) == len(record.turns.kept) >= 4
        assert sum(record.turns.kept) >= 2
        assert record.turns.cpus == len(os.sched_getaffinity(0))
        assert not record.measurement.held
        waited = [taken for taken in slices if taken.idle_s > 0.1]
        assert all(taken.idle_cpu_s is not None and taken.idle_cpu_s < 0.02 for taken in waited)
        assert record.turns.handover_s is not None


def test_without_turns_each_launch_is_alone(measured: Round) -> None:
    records = measured(**THREADS, turns=False)
    assert [record.turns.block for record in records] == [1, 2, 3]
    starts = [datetime.fromisoformat(record.started_at) for record in records]
    ends = [start + timedelta(seconds=record.wall_s) for start, record in zip(starts, records, strict=True)]
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))
    assert {place for record in records for place in record.turns.places} == {1}


def test_what_memory_does_not_hold_goes_to_the_next_block_with_the_baseline(
    measured: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Bench, "_has_room", lambda bench, largest, begun, starting: begun < 2)
    records = measured()
    assert [record.status for record in records] == ["ok"] * 4
    assert [record.turns.block for record in records] == [1, 1, 2, 2]
    baseline = [record.turns.block for record in records if record.setting.resolved == {"intra_op": 1}]
    assert baseline == [1, 2]


def test_where_memory_holds_one_launch_only_they_go_one_after_another(
    measured: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: 1)
    records = measured()
    assert [record.status for record in records] == ["ok"] * 3
    assert [record.turns.block for record in records] == [1, 2, 3]


def test_a_round_of_one_launch(measured: Round) -> None:
    (record,) = measured(settings=[{"intra_op": 1}], baseline={"intra_op": 1})
    assert record.status == "ok"
    assert set(record.turns.places) == {1}


def test_a_quota_s_stalls_are_in_the_slices(measured: Round) -> None:
    """A launch that waited has saved up part of its quota: that is used up before calls count."""
    records = measured(8, grid={"cpu_quota": ["default", 50]}, baseline={"cpu_quota": "default"}, fixed={"cpus": 1})
    (limited,) = [record for record in records if record.cpu_quota == 50]
    assert limited.status == "ok", limited.failure
    assert limited.measurement is not None
    slices = limited.measurement.slices
    assert min(taken.ramp_s for taken in slices) >= 0.2
    if slices[0].throttled_s is None:
        pytest.skip("this engine's kernel does not tell of throttling")
    assert sum(taken.throttled_s or 0.0 for taken in slices) > 0.1 * sum(taken.wall_s for taken in slices)
    assert sum(taken.cpu_s for taken in slices) < 0.75 * sum(taken.wall_s for taken in slices)


@pytest.mark.skipif(obstacle() is not None, reason=f"outside a container: {obstacle()}")
def test_a_launch_outside_its_container_takes_turns_with_one_inside(measured: Round) -> None:
    records = measured(grid={"container": [True, False]}, baseline={"container": True})
    assert [record.status for record in records] == ["ok"] * 2, [record.failure for record in records]
    assert {record.turns.block for record in records} == {1}
    for record in records:
        assert record.measurement is not None
        assert all(taken.idle_cpu_s is not None for taken in record.measurement.slices)


def test_instances_have_a_cpu_each_and_their_work_adds_up(measured: Round) -> None:
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        pytest.skip("two instances need two CPUs")
    alone, together = measured(grid={"instances": [1, "cores"]}, baseline={"instances": 1})
    assert [record.status for record in (alone, together)] == ["ok"] * 2
    assert [record.case.instances for record in (alone, together)] == [1, len(cpus)]
    assert together.limits.memory_bytes == len(cpus) * alone.limits.memory_bytes
    result, several = alone.measurement, together.measurement
    assert result is not None
    assert several is not None
    assert result.observed.cpus == several.observed.cpus == cpus
    # An instance that saw all CPUs would start a thread for each of them.
    assert several.observed.intra_threads == several.observed.inter_threads == len(cpus)
    assert several.usage.peak_rss_bytes > 1.5 * result.usage.peak_rss_bytes
    assert [taken.shares for taken in result.slices] == [[]] * len(result.slices)
    assert not several.held
    for taken in several.slices:
        assert [share.samples > 0 for share in taken.shares] == [True] * len(cpus)
        assert sum(share.samples for share in taken.shares) == len(taken.samples)
        speed = sum(share.samples / share.wall_s for share in taken.shares)
        assert len(taken.samples) / taken.wall_s == pytest.approx(speed, rel=1e-4)
        # Each keeps its own CPU busy, and no other one's.
        assert all(share.cpu_s < 1.2 * share.wall_s + 0.02 for share in taken.shares)


def test_threads_that_call_at_once_have_a_share_each(measured: Round) -> None:
    result, several = (record.measurement for record in measured(settings=[{}, {"concurrency": 3}], baseline={}))
    assert result is not None
    assert several is not None
    assert [taken.shares for taken in result.slices] == [[]] * len(result.slices)
    for taken in several.slices:
        assert [share.samples > 0 for share in taken.shares] == [True] * 3
        speed = sum(share.samples / share.wall_s for share in taken.shares)
        assert len(taken.samples) / taken.wall_s == pytest.approx(speed, rel=1e-4)
    # They share one process, its pools and its memory.
    assert several.observed.intra_threads == result.observed.intra_threads
    assert several.usage.peak_rss_bytes < 1.3 * result.usage.peak_rss_bytes
