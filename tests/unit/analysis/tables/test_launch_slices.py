"""What a launch's slices come to, on records made by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.records.folder import Line
from analysis.tables import tidy
from analysis.tables.launch_slices import padded
from analysis.tables.tables import read_slices
from analysis.tables.tidy import Tables
from tests.made.analysed import tidied
from tests.made.simulated import (
    Clock,
    failed,
    resampled,
    set_aside,
    simulated_plan,
    simulated_record,
    switch,
    write_simulated_machine,
)
from workloads.vocabulary.record import Record


def launch(*slices: list[float], kept: list[bool] | None = None) -> Record:
    """A launch with these samples in its slices; a call lasts as long as its sample."""
    plan = simulated_plan([switch()])
    record = simulated_record(plan.cells[0], plan.cells[0].settings[0], 1, 1, [1.0] * len(slices), Clock())
    assert record.measurement is not None
    taken = [
        replace(made, samples=samples, wall_s=sum(samples))
        for made, samples in zip(record.measurement.slices, slices, strict=True)
    ]
    turns = replace(record.turns, kept=kept or [True] * len(slices))
    return replace(record, turns=turns, measurement=replace(record.measurement, slices=taken))


def tables(*records: Record) -> Tables:
    """The tables of these launches."""
    plan = simulated_plan([switch()])
    named = [replace(record, id=f"launch-{number}") for number, record in enumerate(records)]
    return tidy.tidy([Line("file", number, record) for number, record in enumerate(named, start=1)], plan)


def test_a_slice_s_time_of_a_call_is_work_over_time_so_that_a_stall_counts() -> None:
    result = tables(launch([1.0, 1.0, 4.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]))
    assert result.slices["work_s"].tolist() == [2.0, 1.0, 1.0]
    assert result.slices["median_s"].tolist() == [1.0, 1.0, 1.0]
    assert result.launches.loc[0, "slice_work_s"] == [2.0, 1.0, 1.0]
    assert result.launches.loc[0, "call_s"] == pytest.approx(1.0)  # the middle one of three
    assert result.launches.loc[0, "mean_s"] == pytest.approx(12 / 9)


def test_a_cycle_that_was_set_aside_stays_on_file_and_does_not_count() -> None:
    result = tables(launch([1.0], [9.0], [1.2], kept=[True, False, True]))
    assert result.slices["kept"].tolist() == [True, False, True]
    assert result.slices["work_s"].tolist() == [1.0, 9.0, 1.2]
    np.testing.assert_equal(result.launches.loc[0, "slice_work_s"], [1.0, np.nan, 1.2])
    assert result.launches.loc[0, "call_s"] == pytest.approx(np.sqrt(1.2))
    assert result.launches.loc[0, "samples"] == 2


def test_a_launch_that_was_set_aside_whole_is_told_by_all_its_slices() -> None:
    result = tables(set_aside(launch([1.0], [1.0])))
    assert result.launches.loc[0, "set_aside"]
    assert result.launches.loc[0, "call_s"] == pytest.approx(1.0)
    assert result.slices["kept"].tolist() == [False, False]


def test_a_failed_launch_has_no_slices_and_those_of_others_stay_theirs() -> None:
    result = tables(failed(launch([1.0])), launch([2.0], [2.0]), failed(launch([1.0])), launch([3.0]))
    assert result.launches["call_s"].isna().tolist() == [True, False, True, False]
    assert result.launches["slice_work_s"].tolist() == [None, [2.0, 2.0], None, [3.0]]
    assert result.slices["cycle"].tolist() == [1, 2, 1]


def test_of_nothing_there_is_nothing() -> None:
    result = tables()
    assert len(result.slices) == 0
    assert padded([]).shape == (0, 0)
    assert padded([None, [1.0, 2.0], [3.0]]).tolist()[1:] == [[1.0, 2.0], [3.0, pytest.approx(np.nan, nan_ok=True)]]


def test_the_table_is_written_with_the_canary_s_ticks(tmp_path: Path) -> None:
    write_simulated_machine(tmp_path, [switch(rounds=2)])
    assert tidied(tmp_path) == 0
    slices = read_slices(tmp_path)
    assert len(slices) == 4 * 10
    assert set(slices["tick_one_s"]) == {0.010}
    assert slices.groupby("id", observed=True)["cycle"].max().tolist() == [10] * 4


def test_a_run_of_failures_alone_has_a_table_of_the_same_types(tmp_path: Path) -> None:
    for name, faults in (("good", lambda record: record), ("bad", failed)):
        write_simulated_machine(tmp_path / name, [switch(rounds=2)], faults=faults)
        assert tidied(tmp_path / name) == 0
    good, bad = read_slices(tmp_path / "good"), read_slices(tmp_path / "bad")
    pd.testing.assert_series_equal(bad.dtypes.drop("id"), good.dtypes.drop("id"))


def test_samples_may_be_fewer_than_slices_were_planned() -> None:
    record = resampled(launch([1.0]), [0.5, 0.5, 2.0])
    assert tables(record).slices["calls"].tolist() == [1, 1, 1]


def test_a_spell_that_all_launches_of_a_block_see_makes_none_of_them_unsteady() -> None:
    """Twelve cycles of five calls; in four of them the machine is twice as slow, and one launch is so by itself."""
    random = np.random.default_rng(1)
    spell = np.where((np.arange(12) >= 4) & (np.arange(12) < 8), 2.0, 1.0)

    def block(own: int | None, number: int) -> list[Record]:
        results = []
        for place in range(number):
            times = (spell if own is None or place == own else np.ones(12))[:, np.newaxis]
            samples = times * random.lognormal(0, 0.005, (12, 5))
            results.append(launch(*samples.tolist()))
        return [replace(result, turns=replace(result.turns, block=1)) for result in results]

    assert tables(*block(None, 4)).launches["steadiness"].tolist() == ["flat"] * 4
    assert tables(*block(1, 4)).launches["steadiness"].tolist() == ["flat", "unsteady", "flat", "flat"]
    # Two could not tell whose change it is.
    assert tables(*block(None, 2)).launches["steadiness"].tolist() == ["unsteady"] * 2
