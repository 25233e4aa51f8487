"""Decisions on file: made from records, read by plan, progress, run and report alike."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from analysis.decisions import decide as decisions
from analysis.decisions.search_result import searches
from analysis.records.folder import read_plan, read_records
from analysis.report import soundness
from analysis.report.adaptive_rounds import adaptive_rounds
from analysis.tables.tidy import tidy
from containers.rounds import progress
from tests.made.simulated import Noise, SimulatedCell, switch, thread_grid, write_simulated_machine
from workloads.vocabulary.amounts import rough_duration
from workloads.vocabulary.decided import with_decisions
from workloads.vocabulary.plan import Adaptive, AdaptiveBy, Cell, Plan
from workloads.vocabulary.record import to_json

PRECISE = Adaptive(AdaptiveBy.WIDTH, first=5, step=2, most=20, target=0.02)
SEARCH = Adaptive(AdaptiveBy.SEARCH, first=1, step=10, most=10, budget_s=1e6)
QUIET, LOUD = Noise(launch_sd=0.001), Noise(launch_sd=0.02)


def machine(root: Path, rule: Adaptive, cell: SimulatedCell, noise: Noise = QUIET) -> Plan:
    """A simulated machine's folder whose only cell is adaptive; as many rounds on file as the cell says."""
    plan = write_simulated_machine(root, [cell], noise=noise)
    plan = replace(plan, cells=[replace(plan.cells[0], rounds=rule.most, adaptive=rule)])
    (root / "plan.json").write_text(to_json(plan) + "\n")
    return plan


def decide(root: Path, cell: Cell, after: int) -> Path:
    out = root / cell.decision(after)
    out.parent.mkdir(parents=True, exist_ok=True)
    assert decisions.main(["--results", str(root), "--cell", cell.name, "--after", str(after), "--out", str(out)]) == 0
    return out


def test_the_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    cell = machine(tmp_path, PRECISE, switch(rounds=5), LOUD).cells[0]
    first = decide(tmp_path, cell, 5).read_bytes()
    assert decide(tmp_path, cell, 5).read_bytes() == first
    assert json.loads(first)["rounds"] == 2


def test_a_chain_of_decisions_says_how_many_rounds_there_are(tmp_path: Path) -> None:
    plan = machine(tmp_path, PRECISE, switch(rounds=7), LOUD)
    cell = plan.cells[0]
    assert (with_decisions(tmp_path, cell).settled, with_decisions(tmp_path, cell).due) == (5, 5)
    decide(tmp_path, cell, 5)
    now = with_decisions(tmp_path, cell)
    assert (now.settled, now.due, now.launches) == (7, 7, 14)
    assert [len(now.asked(number)) for number in (1, 7, 8)] == [2, 2, 0]
    read = read_plan(tmp_path).cells[0]
    assert (read.rounds, read.decided) == (7, now.decided)
    assert adaptive_rounds(read_plan(tmp_path))[0].ended.startswith("not decided yet")


def test_narrow_intervals_end_the_chain_and_the_report_says_why(tmp_path: Path) -> None:
    cell = machine(tmp_path, PRECISE, switch(rounds=7)).cells[0]
    decide(tmp_path, cell, 5)
    if with_decisions(tmp_path, cell).due is not None:  # narrow now, not yet twice in a row
        decide(tmp_path, cell, 7)
    ended = with_decisions(tmp_path, cell)
    assert ended.due is None
    assert adaptive_rounds(read_plan(tmp_path))[0].ended.startswith("every interval is within ± 2 %")
    run = progress.ahead(tmp_path, Plan("m", "0", {}, {}, [cell]))
    assert run.least == run.most
    assert run.left == f"about {rough_duration(run.least_s)}"


def test_rounds_that_were_decided_on_and_are_not_there_are_holes(tmp_path: Path) -> None:
    cell = machine(tmp_path, PRECISE, switch(rounds=5), LOUD).cells[0]
    decide(tmp_path, cell, 5)
    plan = read_plan(tmp_path)
    launches = tidy(read_records(tmp_path, plan), plan).launches
    assert [absent_round.round for absent_round in soundness.absent_rounds(plan, launches)] == [6, 7]


def test_another_rule_s_decisions_are_not_looked_at(tmp_path: Path) -> None:
    cell = machine(tmp_path, PRECISE, switch(rounds=5), LOUD).cells[0]
    decide(tmp_path, cell, 5)
    other = replace(cell, adaptive=replace(PRECISE, target=0.5))
    assert with_decisions(tmp_path, other).decided == []


def test_a_round_that_is_not_on_file_cannot_be_decided_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cell = machine(tmp_path, PRECISE, switch(rounds=4)).cells[0]
    out = tmp_path / "out.json"
    status = decisions.main(["--results", str(tmp_path), "--cell", cell.name, "--after", "5", "--out", str(out)])
    assert status == 2
    assert "a round of the first 5 is not on file" in capsys.readouterr().err
    assert not out.exists()


def test_the_time_that_is_left_is_told_from_both_sides(tmp_path: Path) -> None:
    cell = machine(tmp_path, PRECISE, switch(rounds=2)).cells[0]
    run = progress.ahead(tmp_path, Plan("m", "0", {}, {}, [cell]))
    assert (run.done, run.least, run.most) == (4, 10, 40)
    assert run.most_s == pytest.approx(6 * run.least_s)
    a_launch_s = run.least_s / 6
    within = replace(cell, adaptive=replace(PRECISE, budget_s=12.5 * a_launch_s))
    run = progress.ahead(tmp_path, Plan("m", "0", {}, {}, [within]))
    assert (run.least, run.most) == (10, 12)
    assert run.most_s == pytest.approx(8 * a_launch_s)
    assert run.left.startswith("at least ")
    assert "to" in run.launches


def test_a_search_keeps_its_rounds_short_and_the_report_counts_them_so(tmp_path: Path) -> None:
    """The simulated rounds hold every setting; a search would have measured those that it asked for."""
    cell = machine(tmp_path, SEARCH, thread_grid(rounds=1)).cells[0]
    decided = json.loads(decide(tmp_path, cell, 1).read_text())
    assert cell.baseline in decided["settings"]
    held = len(decided["settings"])
    assert held < len(cell.settings)
    plan = read_plan(tmp_path)
    assert plan.launches == len(cell.settings) + held * decided["rounds"]
    launches = tidy(read_records(tmp_path, plan), plan).launches
    search = searches(plan, launches)[0]
    assert search.gain is None
    assert search.share == 1 / 10
    absent = soundness.absent_rounds(plan, launches)
    assert {entry.settings for entry in absent} == {held}


def test_documents_from_before_there_were_rules_still_read() -> None:
    from pydantic import TypeAdapter

    from tests.made.records import cell

    old = asdict(cell())
    del old["adaptive"], old["decided"]
    assert TypeAdapter(Cell).validate_python(old) == cell()
