"""Machines side by side: like is compared, unlike refused with its reason, and a ranking claims no more than it may."""

import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ttest_ind

from analysis.claims.config import read_file
from analysis.comparisons.verdict import Verdict
from analysis.machines import side_by_side as compare
from analysis.machines.__main__ import main
from analysis.machines.agreement import Agreement, advice
from analysis.machines.environments import properties
from analysis.machines.groups import standings
from analysis.machines.machine_run import read_all, read_measured
from analysis.machines.overall import overall
from analysis.machines.ratios import best_settings, same_settings
from analysis.machines.scaling import scaling
from analysis.records.machine_folders import machine_folders, state
from analysis.statistics.letters import complete, letter_groups
from analysis.statistics.welch import welch_of_values
from tests.made.simulated import SimulatedCell, switch
from tests.made.two_machines import edit, links, machine, pools

PLACES = (("pools", "conv"), ("pools", "matmul"), ("again", "conv"))
CLAIMS = Path(__file__).parents[4] / "config/claims.yaml"


def read(*folders: Path):
    return read_all(folders)[0]


def test_equal_machines_are_not_told_apart(tmp_path):
    machines = read(*(machine(tmp_path, f"equal-2c-00000{seed}", [pools()], seed=seed) for seed in (1, 2, 3)))
    ratios, refused = same_settings(machines)
    best, refused_best = best_settings(machines)
    assert len(ratios) == 9
    assert len(best) == 3
    assert refused == refused_best == []
    assert not [entry for entry in [*ratios, *best] if entry.verdict.is_difference]
    assert all(entry.low < 1 < entry.high for entry in best)
    assert {standing.groups for standing in standings(best)} == {"a"}


def test_a_machine_that_is_twice_as_fast_is_called_so_with_its_interval(tmp_path):
    slow = machine(tmp_path, "slow-2c-000001", [pools()], seed=1)
    fast = machine(tmp_path, "fast-4c-000002", [pools(cpus=4, speed=2.0)], cpus=4, seed=2)
    machines = read(slow, fast)
    ratios, refused = same_settings(machines)
    best, _ = best_settings(machines)
    assert not refused
    assert [ratio.setting for ratio in ratios] == ["defaults", "intra_op=1", "intra_op=cores"]
    for entry in [*ratios, *best]:
        assert (entry.machine, entry.against) == ("fast-4c-000002", "slow-2c-000001")
        assert entry.verdict is Verdict.FASTER
        assert entry.low < 2 < entry.high
        assert entry.ratio == pytest.approx(2, rel=0.1)
        assert entry.ratio == pytest.approx(entry.speed / entry.against_speed)
        assert entry.cpu_ratio == 2
    assert [(standing.machine, standing.groups) for standing in standings(best)] == [
        ("fast-4c-000002", "a"),
        ("slow-2c-000001", "b"),
    ]
    assert standings(best)[0].speed_per_cpu == pytest.approx(standings(best)[1].speed_per_cpu, rel=0.1)


OTHER_SUITE_FILES = (
    "two contents of image cpu, of the same packages: the suite's own files in it differ; measure both from one commit"
)

UNLIKE = {
    "two suite versions: 9.9 and 0.0-simulated": {'"suite":"0.0-simulated"': '"suite":"9.9"'},
    "other parameters: size=256 and size=512": {'"params":{"size":512}': '"params":{"size":256}'},
    "two modules: conv and matmul": {'"module":"matmul"': '"module":"conv"'},
    "other knobs that all launches share: TF_ENABLE_ONEDNN_OPTS=0 and TF_ENABLE_ONEDNN_OPTS=1": {
        '"fixed":{"TF_ENABLE_ONEDNN_OPTS":"1"}': '"fixed":{"TF_ENABLE_ONEDNN_OPTS":"0"}'
    },
    OTHER_SUITE_FILES: {"51" * 32: "52" * 32},
    "two units of work: byte and FLOP": {'"unit":"FLOP"': '"unit":"byte"'},
    "two amounts of work: 1 and 2.68435e+08": {'"amount":268435456.0': '"amount":1.0'},
    "two metrics: latency and throughput": {'"metric":"throughput"': '"metric":"latency"'},
    "no launch of other-2c-000002 counts": {
        '"kept":[' + ",".join(["true"] * 10): '"kept":[' + ",".join(["false"] * 10)
    },
}


@pytest.mark.parametrize("reason", UNLIKE)
def test_unlike_things_are_refused_with_the_reason(tmp_path, reason):
    folder = machine(tmp_path, "one-2c-000001", [pools(rounds=2)], seed=1)
    other = machine(tmp_path, "other-2c-000002", [pools(rounds=2)], seed=2, edits=UNLIKE[reason])
    machines = read(folder, other)
    ratios, refused = same_settings(machines)
    assert ratios == best_settings(machines)[0] == []
    assert {refusal.reason for refusal in refused} == {reason}
    page = compare.page(compare.side_by_side(machines, [], read_file(CLAIMS)), tmp_path)
    assert f"`other-2c-000002` against `one-2c-000001`: **{reason}**: " in page


def test_packages_that_two_contents_of_an_image_have_in_other_versions_are_named(tmp_path):
    folder = machine(tmp_path, "one-2c-000001", [pools(rounds=2)], seed=1)
    other = machine(tmp_path, "other-2c-000002", [pools(rounds=2)], seed=2, edits={"51" * 32: "52" * 32})
    receipt = json.loads((other / "images/cpu.json").read_text())
    receipt["packages"] = [package | {"version": "9"} for package in receipt["packages"]]
    receipt["packages"] += [{"name": name, "version": "1", "kind": "python"} for name in ("keras", "numpy")]
    (other / "images/cpu.json").write_text(json.dumps(receipt))
    _, refused = same_settings(read(folder, other))
    words = "keras (python) 1 and absent, libc6 (debian) 9 and simulated, numpy (python) 1 and absent, and 1 more"
    assert {refusal.reason for refusal in refused} == {f"two contents of image cpu: {words}"}


def test_a_folder_of_another_format_is_left_out_and_the_others_are_compared(tmp_path):
    folders = [machine(tmp_path, f"some-2c-00000{seed}", [pools(rounds=2)], seed=seed) for seed in (1, 2, 3)]
    edit(folders[2], {'"format":3': '"format":9'})
    machines, unread = read_all(folders)
    assert [entry.name for entry in machines] == ["some-2c-000001", "some-2c-000002"]
    assert [entry.root for entry in unread] == [folders[2]]
    assert "format 9, and this version reads" in unread[0].reason
    page = compare.page(compare.side_by_side(machines, unread, read_file(CLAIMS)), tmp_path)
    assert "`some-2c-000003` is left out: " in page


def test_what_only_one_machine_measured_is_said(tmp_path):
    more = SimulatedCell("pools", "matmul", [{"intra_op": None}, {"intra_op": 3}], [1.0, 1.0], 2)
    machines = read(
        machine(tmp_path, "one-2c-000001", [pools(rounds=2), switch(rounds=2)]),
        machine(tmp_path, "two-2c-000002", [more]),
    )
    ratios, refused = same_settings(machines)
    assert [ratio.setting for ratio in ratios] == ["defaults"]
    assert [(entry.sweep, entry.setting, entry.reason) for entry in refused] == [
        ("pools", "intra_op=3", "one-2c-000001 has none of its own"),
        ("pools", "intra_op=1", "two-2c-000002 has none of its own"),
        ("pools", "intra_op=cores", "two-2c-000002 has none of its own"),
        ("onednn", "", "two-2c-000002 has none of its own"),
    ]


def test_knobs_that_all_share_are_compared_as_they_are_written(tmp_path):
    """`cores/2` of co-runners is another number on another machine, and still the same experiment."""
    unwritten, asked = '"fixed_as_written":{}', '"fixed_as_written":{"co_runners":"cores/2"}'
    folders = [
        machine(
            tmp_path,
            f"busy-{cpus}c-00000{cpus}",
            [pools(cpus=cpus, rounds=2)],
            cpus=cpus,
            edits={unwritten: asked, '"fixed":{': f'"fixed":{{"co_runners":{cpus // 2},'},
        )
        for cpus in (2, 4)
    ]
    machines = read(*folders)
    assert [entry.plan.cells[0].fixed["co_runners"] for entry in machines] == [1, 2]
    assert same_settings(machines)[1] == []


def test_welch_is_scipy_s():
    random = np.random.default_rng(1)
    result, theirs = random.normal(1.1, 0.3, 6), random.normal(1, 0.05, 9)
    expected = ttest_ind(result, theirs, equal_var=False)
    estimate = welch_of_values(result, theirs)
    assert estimate.p_difference() == pytest.approx(expected.pvalue)
    assert np.log(estimate.interval) == pytest.approx(list(expected.confidence_interval()))
    assert welch_of_values(result, theirs[:1]) is None
    assert welch_of_values(np.ones(3), np.ones(4)) is None
    one_sided = welch_of_values(np.ones(3), theirs)
    assert one_sided.error == pytest.approx(np.std(theirs, ddof=1) / 3)
    assert one_sided.freedom == pytest.approx(8)


def test_intervals_hold_the_true_ratio_as_often_as_they_say():
    """Unequal noise and unequal numbers of rounds; 4,000 repeats have a Monte Carlo error of 0.35 %."""
    random = np.random.default_rng(20261122)
    held = 0
    for _ in range(4000):
        low, high = welch_of_values(random.normal(0.5, 0.06, 5), random.normal(0, 0.02, 8)).interval
        held += low < np.exp(0.5) < high
    assert 0.93 <= held / 4000 <= 0.97


@pytest.mark.parametrize(
    ("told_apart", "letters"),
    [
        ([], ["a", "a", "a"]),
        ([("x", "z")], ["a", "ab", "b"]),
        ([("x", "y"), ("x", "z")], ["a", "b", "b"]),
        ([("x", "y"), ("x", "z"), ("y", "z")], ["a", "b", "c"]),
        ([("x", "y")], ["a", "b", "ab"]),
    ],
)
def test_machines_share_a_letter_exactly_if_they_cannot_be_told_apart(told_apart, letters):
    result = letter_groups(["x", "y", "z"], [frozenset(pair) for pair in told_apart])
    assert list(result.values()) == letters
    for pair in (("x", "y"), ("x", "z"), ("y", "z")):
        assert (pair in told_apart) == (not set(result[pair[0]]) & set(result[pair[1]]))


def test_only_machines_that_were_all_held_against_each_other_are_ranked():
    held = {frozenset(pair) for pair in (("a", "b"), ("b", "c"), ("a", "c"), ("c", "d"))}
    assert complete(["a", "b", "c", "d"], held) == ["a", "b", "c"]
    assert complete([], held) == []


def test_many_machines_of_which_most_are_unlike_are_ranked_at_once():
    """Of forty in two halves, of which one machine was held against nobody, no set doubles the time with each name."""
    names = [f"m{number:02}" for number in range(40)]
    held = {
        frozenset((a, b)) for a in names[:39] for b in names[:39] if a < b and (a in names[:18]) == (b in names[:18])
    }
    assert complete(names, held) == names[18:39]


def test_scaling_is_the_speed_up_from_one_to_all_cpus_for_each_cpu(tmp_path):
    collapsed = SimulatedCell("pools", "matmul", [{"intra_op": None}, {"intra_op": 1}], [1.0, 1.0], 2)
    folders = [
        machine(tmp_path, "two-2c-000001", [pools(cpus=2, gain=1.8)], cpus=2),
        machine(tmp_path, "four-4c-000002", [pools(cpus=4, gain=3.0)], cpus=4, seed=2),
        machine(tmp_path, "one-1c-000003", [collapsed], cpus=1),
    ]
    rows = scaling(read(*folders))
    assert [(row.machine, row.knob, row.cpus) for row in rows] == [
        ("two-2c-000001", "intra_op", 2),
        ("four-4c-000002", "intra_op", 4),
        ("one-1c-000003", "intra_op", 1),
    ]
    assert rows[0].low < 1.8 < rows[0].high
    assert rows[0].efficiency == pytest.approx(0.9, rel=0.05)
    assert rows[1].efficiency == pytest.approx(0.75, rel=0.05)
    assert rows[2].speedup is None
    assert rows[2].reason


def test_advice_agrees_if_settings_are_written_alike(tmp_path):
    def grid(effect: float) -> SimulatedCell:
        return SimulatedCell("pools", "matmul", [{"intra_op": None}, {"intra_op": 1}], [1.0, effect], 8)

    fast = [machine(tmp_path, f"up-2c-00000{seed}", [grid(1.5)], seed=seed) for seed in (1, 2)]
    slow = machine(tmp_path, "down-2c-000003", [grid(0.5)], seed=3)
    short = machine(tmp_path, "short-2c-000004", [pools(rounds=2)], seed=4)
    assert [entry.agreement for entry in advice(read(*fast))] == [Agreement.AGREE]
    assert [entry.agreement for entry in advice(read(fast[0], slow))] == [Agreement.DISAGREE]
    assert [entry.agreement for entry in advice(read(fast[0], short))] == [Agreement.OPEN]
    assert advice(read(fast[0], slow))[0].label(0) == "intra_op=1"


def test_a_knob_left_to_its_default_is_as_good_as_one_that_is_not_turned(tmp_path):
    def grid(*settings: dict[str, int | str | None]) -> SimulatedCell:
        return SimulatedCell("pools", "matmul", settings, [1.0, 1.5, 0.8][: len(settings)], 8)

    folder = machine(tmp_path, "one-2c-000001", [grid({"intra_op": None}, {"intra_op": 1})])
    other = [{"intra_op": None, "inter_op": None}, {"intra_op": 1, "inter_op": None}, {"intra_op": 1, "inter_op": 1}]
    two = machine(tmp_path, "two-2c-000002", [grid(*other)], seed=2)
    both = read(folder, two)
    assert [(row.agreement, row.label(0), row.label(1)) for row in advice(both)] == [
        (Agreement.AGREE, "intra_op=1", "intra_op=1")
    ]
    ratios, refused = same_settings(both)
    assert [ratio.setting.split()[0] for ratio in ratios] == ["defaults", "intra_op=1"]
    assert [(refusal.setting, "none of its own" in refusal.reason) for refusal in refused] == [
        ("intra_op=1 inter_op=1", True)
    ]


def test_what_differs_stands_on_top_and_the_rest_is_counted(tmp_path):
    folder = machine(tmp_path, "one-2c-000001", [pools(rounds=2)])
    edits = {"0.0.0-simulated": "6.1.0", '"version":"simulated","kind":"debian"': '"version":"2.36","kind":"debian"'}
    other = machine(tmp_path, "other-4c-000002", [pools(cpus=4, rounds=2)], cpus=4, edits=edits)
    results = {(row.group, row.name): row.values for row in properties(read(folder, other)) if row.differs}
    assert results == {
        ("hardware", "CPUs that launches may use"): ["2", "4"],
        ("system", "kernel"): ["0.0.0-simulated", "6.1.0"],
        ("packages of image cpu", "libc6 (debian)"): ["simulated", "2.36"],
    }


def test_with_one_machine_the_report_is_one_sentence(tmp_path):
    folder = machine(tmp_path, "only-2c-000001", [pools(rounds=2)])
    assert main(["--out", str(tmp_path / "out"), "--claims", str(CLAIMS), str(folder)]) == 0
    text = (tmp_path / "out/report.md").read_text()
    assert re.fullmatch(r"# Machines side by side\n\nOnly one machine is on file, `only-2c-000001`: [^\n]*\n", text)
    assert not (tmp_path / "out/tables").exists()


def test_without_a_machine_there_is_one_sentence_too(tmp_path, capsys):
    assert main(["--out", str(tmp_path / "out"), "--claims", str(CLAIMS)]) == 2
    assert capsys.readouterr().err.startswith("threadmark: no machine to compare: ")


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("machines")
    folders = [
        machine(root, "slow-2c-000001", [pools(), switch()], seed=1),
        machine(root, "fast-4c-000002", [pools(cpus=4, speed=1.5, gain=3), switch()], cpus=4, seed=2),
        machine(root, "same-2c-000003", [pools(), switch()], seed=3),
    ]
    compare.write(folders, root / "comparison", CLAIMS)
    for folder in folders:
        (folder / "report.md").touch()
    return root / "comparison/report.md"


def test_every_link_of_the_report_leads_somewhere(report):
    targets = links(report.read_text())
    assert len(targets) > 5
    for target in targets:
        path = target.partition("#")[0]
        assert (report.parent / path).exists(), target


def test_every_ratio_of_the_tables_is_in_the_report(report):
    rows = (report.parent / "tables/ratios.csv").read_text().splitlines()
    assert len(rows) == 1 + 3 * 5
    section = report.read_text().partition("## At the same setting")[2].partition("## Scaling")[0]
    assert len(re.findall(r"^\| (?:matmul|conv) \| `", section, re.MULTILINE)) == 3 * 5


def test_no_heading_skips_a_level_and_no_number_is_missing(report):
    text = report.read_text()
    levels = [len(mark) for mark in re.findall(r"^(#+) ", text, re.MULTILINE)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert "nan" not in text.lower()
    assert "None" not in text


def test_the_same_records_give_the_same_bytes(report, tmp_path):
    folders = [report.parents[1] / name for name in ("slow-2c-000001", "fast-4c-000002", "same-2c-000003")]
    again = report.parents[1] / "again"
    compare.write(folders, again, CLAIMS)
    for path in sorted(report.parent.rglob("*")):
        if path.is_file():
            assert path.read_bytes() == (again / path.relative_to(report.parent)).read_bytes(), path


def test_a_machine_s_folder_is_found_once_wherever_it_lies(tmp_path):
    folder = machine(tmp_path, "one-2c-000001", [pools(rounds=2)])
    machine(tmp_path / "published", "one-2c-000001", [pools(rounds=2)])
    two = machine(tmp_path / "published", "two-2c-000002", [pools(rounds=2)])
    (tmp_path / "comparison").mkdir()
    assert machine_folders(tmp_path) == [folder, two]
    imported = machine(tmp_path / "imported", "one-2c-000001", [pools(rounds=2)])
    assert machine_folders(tmp_path) == [folder, imported, two]
    before = state([folder, two])
    assert state([folder, two]) == before
    edit(two, {"matmul": "conv"})
    assert state([folder, two]) != before


def test_two_folders_of_one_machine_are_told_apart_by_their_places(tmp_path):
    places = [machine(tmp_path / place, "one-2c-000001", [pools(rounds=2)]) for place in ("a", "b")]
    assert [entry.name for entry in read(*places)] == [str(place) for place in places]
    assert read_measured(places[0]).name == "one-2c-000001"


def test_overall_a_machine_is_the_geometric_mean_of_its_workloads(tmp_path):
    """A workload in two sweeps counts once."""
    cells = [SimulatedCell(sweep, name, [{"intra_op": None}, {"intra_op": 1}], [1.0, 0.8]) for sweep, name in PLACES]
    slow = machine(tmp_path, "slow-2c-000001", cells, seed=1)
    speeds = [replace(cell, call_s=cell.call_s / speed) for cell, speed in zip(cells, (2.0, 4.0, 2.0), strict=True)]
    fast = machine(tmp_path, "fast-4c-000002", speeds, cpus=4, seed=2)
    machines = read(slow, fast)
    (row,) = overall(best_settings(machines)[0], dict.fromkeys(entry.name for entry in machines))
    assert (row.machine, row.against, row.workloads) == ("fast-4c-000002", "slow-2c-000001", 2)
    assert row.low < 8**0.5 < row.high
    assert row.per_cpu == pytest.approx(row.ratio / 2)
    assert (row.faster, row.slower) == (2, 0)


def test_machines_that_share_no_work_have_no_mean(tmp_path):
    machines = read(
        machine(tmp_path, "one-2c-000001", [switch(workload="conv")], seed=1),
        machine(tmp_path, "two-2c-000002", [switch(workload="matmul")], seed=2),
    )
    assert overall(best_settings(machines)[0], dict.fromkeys(entry.name for entry in machines)) == []


def test_a_price_makes_a_machine_that_costs_twice_as_much_half_as_good_for_it(tmp_path):
    folders = [machine(tmp_path, f"priced-2c-00000{seed}", [pools()], seed=seed) for seed in (1, 2)]
    machines = read(*folders)
    best, _ = best_settings(machines)
    (priced,) = overall(best, {machines[0].name: 0.5, machines[1].name: 1.0})
    assert priced.per_price == pytest.approx(priced.ratio / 2)
    (free,) = overall(best, {machines[0].name: None, machines[1].name: 1.0})
    assert free.per_price is None


def test_twenty_five_machines_fit_one_picture_and_a_page_that_names_the_first(tmp_path):
    folders = [
        machine(tmp_path, f"simulated-2c-0000{seed:02}", [pools(speed=1 + seed / 20, rounds=3)], seed=seed)
        for seed in range(1, 26)
    ]
    out = tmp_path / "comparison"
    assert main(["--out", str(out), "--claims", str(CLAIMS), *map(str, folders)]) == 0
    page = (out / "report.md").read_text()
    assert (out / "figures/machines-heatmap.svg").exists()
    assert "against `simulated-2c-000001`; all pairs of machines are in" in page.lower()
    ratios = (out / "tables/ratios.csv").read_text().splitlines()
    assert len(ratios) == 1 + 3 * 25 * 24 // 2
    # At the same setting and in the best one: with the first machine only.
    assert len([line for line in page.splitlines() if line.startswith("| matmul |")]) < 4 * 25 + 25 + 3 * 25
