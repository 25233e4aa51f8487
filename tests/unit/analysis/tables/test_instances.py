"""What launches of several instances come to in the tables, on records made by hand."""

from dataclasses import replace

import pytest

from analysis.records.folder import Line
from analysis.tables.callers import in_time
from analysis.tables.launch import asked_threads
from analysis.tables.tidy import Tables, tidy
from tests.made.simulated import Clock, simulated_plan, simulated_record, switch
from workloads.vocabulary.record import Record
from workloads.vocabulary.slice import Share, Slice, together

PLAN = simulated_plan([switch()])


def taken(*instances: list[float], stalls_s: float = 0.0) -> Slice:
    """A slice in which each instance took these samples; the last of them lost so much between its calls."""
    walls = [sum(samples) for samples in instances]
    walls[-1] += stalls_s
    calls = [len(samples) for samples in instances]
    samples = [sample for each in instances for sample in each]
    shares = [Share(number, wall_s, wall_s) for number, wall_s in zip(calls, walls, strict=True)]
    return Slice(0.0, 1.0, samples, together(walls, calls), sum(walls), 1.0, 0.0, None, shares)


def launch(*slices: Slice) -> Record:
    """A launch of as many instances as its slices have."""
    record = simulated_record(PLAN.cells[0], PLAN.cells[0].settings[0], 1, 1, [1.0] * len(slices), Clock())
    assert record.measurement is not None
    case = replace(record.case, instances=len(slices[0].shares) or 1)
    return replace(record, case=case, measurement=replace(record.measurement, slices=list(slices)))


def tables(*records: Record) -> Tables:
    named = [replace(record, id=f"launch-{number}") for number, record in enumerate(records)]
    return tidy([Line("file", number, record) for number, record in enumerate(named, start=1)], PLAN)


def test_speeds_add_up_and_the_time_of_a_call_is_what_a_caller_waits() -> None:
    """Calls of 1 s and of 2 s: three calls in 2 s, of which each call counts alike in the mean of 4/3 s."""
    tidied = tables(launch(taken([1.0, 1.0], [2.0])), launch(Slice(0.0, 1.0, [1.0, 1.0], 2.0, 2.0, 1.0, 0.0, None)))
    assert tidied.slices["work_s"].tolist() == pytest.approx([4 / 3, 1.0])
    assert tidied.slices["median_s"].tolist() == pytest.approx([4 / 3, 1.0])
    assert tidied.slices["calls"].tolist() == [3, 2]
    both, alone = tidied.launches["throughput"]
    assert both / alone == pytest.approx(1.5)
    assert tidied.launches["callers"].tolist() == [2, 1]
    assert tidied.launches["period_s"].tolist() == pytest.approx([2 / 3, 1.0])
    assert tidied.launches["call_s"].tolist() == pytest.approx([4 / 3, 1.0])


def test_a_stall_of_one_instance_is_in_the_work_over_time_and_not_in_the_typical_call() -> None:
    tidied = tables(launch(taken([1.0, 1.0], [1.0, 1.0], stalls_s=2.0)))
    assert tidied.slices["median_s"].tolist() == pytest.approx([1.0])
    assert tidied.slices["work_s"].tolist() == pytest.approx([2 / 1.5])


def test_percentiles_are_of_all_calls_and_beside_them_of_the_worst_instance() -> None:
    slices = [taken([1.0] * 30, [1.0] * 27 + [5.0] * 3)] * 2
    (row,) = tables(launch(*slices)).launches.to_dict("records")
    assert (row["median_s"], row["p90_s"], row["p95_s"]) == (1.0, 1.0, pytest.approx(1.2))
    assert row["worst_p95_s"] == row["worst_p99_s"] == 5.0
    alone = Slice(0.0, 1.0, [1.0, 2.0, 3.0], 6.0, 6.0, 1.0, 0.0, None)
    (row,) = tables(launch(alone)).launches.to_dict("records")
    assert row["worst_p95_s"] == row["p95_s"]


def test_samples_are_told_apart_and_stand_in_the_order_of_time() -> None:
    turn = taken([1.0, 1.1, 1.2], [2.0, 2.1])
    assert turn.of_callers == [[1.0, 1.1, 1.2], [2.0, 2.1]]
    assert in_time(turn) == [1.0, 2.0, 1.1, 1.2, 2.1]


def test_instances_of_two_speeds_are_steady() -> None:
    """One after the other, their samples would go up and down with each slice."""
    slices = [taken([1.0] * 20, [1.3] * 15) for _ in range(12)]
    assert tables(launch(*slices)).launches["steadiness"].tolist() == ["flat"]


def test_cpu_time_a_unit_of_work_and_threads_are_of_all_instances() -> None:
    record = launch(taken([1.0, 1.0], [1.0, 1.0]))
    assert record.measurement is not None
    usage = replace(record.measurement.usage, cpu_s=4.0)
    result = tables(replace(record, measurement=replace(record.measurement, usage=usage))).launches
    assert result.loc[0, "cpu_s_per_work"] * record.measurement.work.amount == pytest.approx(1.0)
    # By default each pool has a thread for each CPU of its instance: together one for each CPU of the launch.
    assert asked_threads(record, "intra") == 2
    assert asked_threads(replace(record, case=replace(record.case, intra_op=3)), "intra") == 6
    assert asked_threads(replace(record, environment={"TF_NUM_INTEROP_THREADS": "4"}), "inter") == 8
