"""Records to tables: nothing lost, nothing foreign read, the same bytes each time."""

import dataclasses
import json
import re

import pandas as pd
import pytest

from analysis.records.folder import read_plan, read_records
from analysis.tables.launch import asked_threads
from analysis.tables.tables import read_launches, read_samples
from tests.made.analysed import tidied
from tests.made.simulated import (
    Clock,
    SimulatedCell,
    failed,
    resampled,
    simulated_plan,
    simulated_record,
    switch,
    thread_grid,
    write_simulated_machine,
)
from workloads.vocabulary.record import Record, to_json


def build(root, **options):
    plan = write_simulated_machine(root, [thread_grid(rounds=2), switch(rounds=2)], **options)
    assert tidied(root) == 0
    return plan


def first_file(root, plan):
    return root / plan.cells[0].directory / "1.jsonl"


def refusal(root, capsys) -> str:
    """What the command says of a folder that it refuses: one sentence and exit status 2."""
    assert tidied(root) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "Traceback" not in error
    return error


def test_one_row_a_launch_and_one_a_sample(tmp_path):
    plan = build(tmp_path)
    launches, samples = read_launches(tmp_path), read_samples(tmp_path)
    assert len(launches) == plan.launches == 24
    assert launches["id"].is_unique
    timed = samples[~samples["warmup"]]
    assert timed.groupby("id", observed=True)["seconds"].median().to_dict() == pytest.approx(
        launches.set_index("id")["median_s"].to_dict()
    )
    assert (samples.groupby("id", observed=True).size() == 31).all()
    assert (samples.groupby("id", observed=True)["warmup"].sum() == 1).all()


def test_numbers_are_those_of_the_record(tmp_path):
    plan = build(tmp_path)
    line = first_file(tmp_path, plan).read_text().splitlines()[3]
    record = json.loads(line)
    row = read_launches(tmp_path).set_index("id").loc[record["id"]]
    assert row["mean_s"] == pytest.approx(sum(entry["wall_s"] for entry in record["measurement"]["slices"]) / 30)
    assert row["throughput"] == pytest.approx(record["measurement"]["work"]["amount"] / row["call_s"])
    assert row["timing_s"] == record["measurement"]["phases"]["timing_s"]
    assert row["peak_rss_bytes"] == record["measurement"]["usage"]["peak_rss_bytes"]
    assert (row["file"], row["line"]) == (f"{plan.cells[0].directory}/1.jsonl", 4)


def test_knobs_are_columns_of_text(tmp_path):
    """A default is said, what all settings share too; a knob that the sweep does not name is null."""
    build(tmp_path)
    launches = read_launches(tmp_path)
    grid = launches[launches["sweep"] == "threads"]
    assert set(grid["knob:intra_op"]) == {"default", "1", "2", "4"}
    assert launches.loc[launches["sweep"] == "onednn", "knob:intra_op"].isna().all()
    assert set(grid["knob:TF_ENABLE_ONEDNN_OPTS"]) == {"1"}
    assert set(launches["knob:TF_ENABLE_ONEDNN_OPTS"]) == {"0", "1"}


def test_a_failed_launch_is_a_row_without_times(tmp_path):
    build(tmp_path, faults=lambda record: failed(record) if record.position == 1 else record)
    launches, samples = read_launches(tmp_path), read_samples(tmp_path)
    rows = launches[launches["position"] == 1]
    assert set(rows["status"]) == {"aborted"}
    assert rows["median_s"].isna().all()
    assert set(rows["last_stderr"]) == {"F tensorflow simulated | `check` failed"}
    assert not samples["id"].isin(rows["id"]).any()


def test_a_run_of_failures_alone_still_gives_tables(tmp_path):
    build(tmp_path, faults=failed)
    assert len(read_samples(tmp_path)) == 0
    assert read_launches(tmp_path)["median_s"].isna().all()


def test_same_records_same_bytes(tmp_path):
    for name in ("one", "two"):
        build(tmp_path / name, faults=lambda record: failed(record) if record.round == 2 else record)
    for file in ("tables/launches.parquet", "tables/samples.parquet"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_columns_keep_their_kinds_whatever_the_data(tmp_path):
    """An empty run and a full one give tables of one schema."""
    build(tmp_path / "full")
    build(tmp_path / "empty", faults=lambda record: None)
    build(tmp_path / "failed", faults=failed)
    full = read_launches(tmp_path / "full").dtypes
    pd.testing.assert_series_equal(read_launches(tmp_path / "empty").dtypes, full)
    pd.testing.assert_series_equal(read_launches(tmp_path / "failed").dtypes, full)


def test_other_definitions_and_later_rounds_are_other_experiments(tmp_path):
    plan = build(tmp_path)
    cell = plan.cells[0]
    (tmp_path / f"rounds/{cell.sweep}/{cell.workload}@00000000").mkdir()
    (tmp_path / f"rounds/{cell.sweep}/{cell.workload}@00000000/1.jsonl").write_text("not a record\n")
    (tmp_path / cell.directory / "3.jsonl").write_text("not a record\n")
    (tmp_path / cell.directory / "2.jsonl.partial").write_text("not a record\n")
    assert tidied(tmp_path) == 0


def test_a_missing_round_is_passed_over(tmp_path):
    plan = build(tmp_path)
    first_file(tmp_path, plan).unlink()
    assert len(list(read_records(tmp_path, read_plan(tmp_path)))) == 14


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda line: line[:100], "Invalid JSON"),
        (lambda line: line.replace('"status":"ok"', '"status":"fine"'), "status"),
        (lambda line: line.replace('"round":1', '"round":2'), "belongs to another file"),
        (lambda line: line.replace('"wall_s":', '"wall":'), "wall_s"),
        (lambda line: line.replace('"format":3}', '"format":4}'), "format 4"),
        (lambda line: '{"format":7}', "format 7"),
        (lambda line: "[]", "document"),
        (lambda line: "", "Invalid JSON"),
        (lambda line: "\udce4".encode("utf-8", "surrogateescape").decode("latin-1"), "Invalid JSON"),
    ],
)
def test_a_broken_line_is_named_with_file_and_number(tmp_path, capsys, damage, words):
    plan = build(tmp_path)
    file = first_file(tmp_path, plan)
    lines = file.read_text().splitlines()
    lines[4] = damage(lines[4])
    file.write_text("\n".join(lines) + "\n")
    error = refusal(tmp_path, capsys)
    assert f"{plan.cells[0].directory}/1.jsonl:5" in error
    assert words in error


def test_two_records_of_one_setting_in_a_round_are_refused(tmp_path, capsys):
    plan = build(tmp_path)
    file = first_file(tmp_path, plan)
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines, lines[0]]) + "\n")
    assert "1.jsonl:11: a second record of setting" in refusal(tmp_path, capsys)


def test_a_setting_that_is_not_planned_is_refused(tmp_path, capsys):
    def foreign(record: Record) -> Record:
        setting = dataclasses.replace(record.setting, id="ffffffff") if record.position == 2 else record.setting
        return dataclasses.replace(record, setting=setting)

    write_simulated_machine(tmp_path, [switch()], faults=foreign)
    assert "1.jsonl:2: setting ffffffff" in refusal(tmp_path, capsys)


@pytest.mark.parametrize("bad", ["-1.0", "NaN", "Infinity", "0.0"])
def test_a_launch_whose_clock_jumped_is_a_hole_and_no_number(tmp_path, bad):
    plan = build(tmp_path)
    file = first_file(tmp_path, plan)
    first, *others = file.read_text().splitlines()
    file.write_text("\n".join([first.replace('"samples":[', f'"samples":[{bad},'), *others]) + "\n")
    assert tidied(tmp_path) == 0
    rows = read_launches(tmp_path).set_index("id")
    hole = rows.loc[json.loads(others[0])["id"].rpartition("/")[0] + "/1"]
    assert hole["status"] == "no_record"
    assert "not all positive" in hole["message"]
    assert pd.isna(hole["median_s"])
    assert (rows["status"] == "no_record").sum() == 1


def test_a_launch_that_was_set_aside_may_be_followed_by_another_and_one_that_was_not_may_not(tmp_path, capsys):
    """As format 2 has it, which made them again."""
    plan = build(tmp_path)
    file = first_file(tmp_path, plan)
    first, *others = file.read_text().splitlines()
    again = first.replace('/1/1"', '/1/99"')
    file.write_text("\n".join([first, *others, again]) + "\n")
    assert "a second record of setting" in refusal(tmp_path, capsys)
    loud = re.sub(r'"kept":\[[^]]*\]', lambda kept: kept[0].replace("true", "false"), first)
    file.write_text("\n".join([loud, *others, again]) + "\n")
    assert tidied(tmp_path) == 0
    rows = read_launches(tmp_path)
    assert rows["set_aside"].sum() == 1
    assert rows.loc[rows["set_aside"], "median_s"].notna().all()


def test_samples_of_cycles_that_were_set_aside_do_not_count(tmp_path):
    def loud_at_first(record: Record) -> Record:
        slow = resampled(record, [time * 9 if index < 6 else time for index, time in enumerate(samples_of(record))])
        return dataclasses.replace(slow, turns=dataclasses.replace(slow.turns, kept=[False] * 2 + [True] * 8))

    write_simulated_machine(tmp_path, [switch()], faults=loud_at_first)
    assert tidied(tmp_path) == 0
    rows = read_launches(tmp_path)
    assert (rows["samples"] == 24).all()
    assert (rows["cycles_aside"] == 2).all()
    assert (rows["p99_s"] < 2 * rows["p5_s"]).all()


def samples_of(record: Record) -> list[float]:
    assert record.measurement is not None
    return record.measurement.samples


def test_a_plan_of_another_format_is_refused(tmp_path, capsys):
    plan = build(tmp_path)
    (tmp_path / "plan.json").write_text(to_json(dataclasses.replace(plan, format=99)))
    assert "plan.json: format 99" in refusal(tmp_path, capsys)


def test_a_baseline_that_is_no_setting_is_refused(tmp_path, capsys):
    plan = simulated_plan([SimulatedCell("s", "w", [{"intra_op": 1}], [1.0])])
    cell = dataclasses.replace(plan.cells[0], baseline="ffffffff")
    (tmp_path / "plan.json").write_text(to_json(dataclasses.replace(plan, cells=[cell])))
    assert "baseline ffffffff of s/w" in refusal(tmp_path, capsys)


def test_threads_asked_for_follow_tensorflows_rules():
    """The API beats the environment, which beats the default; impossible values mean the default."""
    plan = simulated_plan([switch()])
    record = simulated_launch(plan)
    assert asked_threads(record, "intra") == 2  # the affinity mask's CPUs
    for text, threads in {"3": 3, "0": 2, "abc": 2, "3.5": 2, "-1": 2}.items():
        asked = dataclasses.replace(record, environment={"TF_NUM_INTEROP_THREADS": text})
        assert asked_threads(asked, "inter") == threads
    by_api = dataclasses.replace(asked, case=dataclasses.replace(record.case, inter_op=5))
    assert asked_threads(by_api, "inter") == 5
    assert asked_threads(failed(record), "intra") is None


def simulated_launch(plan) -> Record:
    return simulated_record(plan.cells[0], plan.cells[0].settings[0], 1, 1, [0.1], Clock())
