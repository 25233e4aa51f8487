"""A run made again: what counts as reproduced is stated, and decided by both runs' records."""

import csv
import re
from pathlib import Path

import pytest
import yaml

from analysis.bundle.contents import sha256
from analysis.claims.verdict import ClaimVerdict
from analysis.comparisons.verdict import Verdict
from analysis.machines.machine_run import Measured, read_measured
from analysis.reproduction import start as reproduction_start
from analysis.reproduction.__main__ import main
from analysis.reproduction.badges import badges
from analysis.reproduction.rules import (
    Result,
    claim_result,
    comparisons,
    result_of,
)
from analysis.statistics.log_mean import LogMean
from analysis.statistics.welch import welch
from tests.made.bundles import MACHINE, small_bundle
from tests.made.simulated import SimulatedCell
from tests.made.two_machines import links, machine, pools
from workloads.vocabulary.errors import AnalysisError, BundleError, ConfigError

CLAIMS = Path(__file__).parents[4] / "config/claims.yaml"
CHECKOUT = Path(__file__).parents[4]
FASTER, SLOWER, EQUIVALENT, UNRESOLVED = Verdict.FASTER, Verdict.SLOWER, Verdict.EQUIVALENT, Verdict.UNRESOLVED
SUPPORTED, REFUTED = ClaimVerdict.SUPPORTED, ClaimVerdict.REFUTED
NOT_HERE, OPEN = ClaimVerdict.NOT_HERE, ClaimVerdict.UNDECIDED
REPRODUCED, NOT_REPRODUCED, UNDECIDED = Result.REPRODUCED, Result.NOT_REPRODUCED, Result.UNDECIDED


@pytest.mark.parametrize(
    ("original", "again", "agree", "differ", "crossed", "result"),
    [
        (FASTER, FASTER, True, False, False, REPRODUCED),
        (FASTER, FASTER, False, True, False, REPRODUCED),  # in direction; its size stands beside
        (EQUIVALENT, EQUIVALENT, True, False, True, REPRODUCED),
        (FASTER, UNRESOLVED, True, False, False, REPRODUCED),
        (UNRESOLVED, UNRESOLVED, True, False, True, REPRODUCED),
        (UNRESOLVED, UNRESOLVED, False, False, False, UNDECIDED),
        (FASTER, SLOWER, False, True, True, NOT_REPRODUCED),
        (FASTER, EQUIVALENT, False, True, False, NOT_REPRODUCED),
        (
            FASTER,
            EQUIVALENT,
            True,
            False,
            False,
            UNDECIDED,
        ),  # 5 % and 1 %: verdicts contradict, sizes do not
        (FASTER, UNRESOLVED, False, True, True, NOT_REPRODUCED),
        (FASTER, UNRESOLVED, False, True, False, UNDECIDED),
        (UNRESOLVED, FASTER, False, True, False, NOT_REPRODUCED),
        (UNRESOLVED, FASTER, False, False, False, UNDECIDED),
        (EQUIVALENT, SLOWER, False, True, True, NOT_REPRODUCED),
    ],
)
def test_the_rule_for_comparisons(original, again, agree, differ, crossed, result):
    assert result_of(original, again, agree=agree, differ=differ, crossed=crossed) == result


@pytest.mark.parametrize(
    ("original", "again", "result"),
    [
        (SUPPORTED, SUPPORTED, REPRODUCED),
        (REFUTED, REFUTED, REPRODUCED),
        (SUPPORTED, REFUTED, NOT_REPRODUCED),
        (SUPPORTED, OPEN, UNDECIDED),
        (OPEN, OPEN, UNDECIDED),
        (NOT_HERE, SUPPORTED, UNDECIDED),
    ],
)
def test_the_rule_for_claims(original, again, result):
    assert claim_result(original, again) == result


def test_the_change_of_two_independent_means():
    change = welch(LogMean(0.2, 0.04, 9), LogMean(0.5, 0.03, 4))
    assert change.mean == pytest.approx(-0.3)
    assert change.error == pytest.approx(0.05)
    assert change.freedom == pytest.approx(0.05**4 / (0.03**4 / 4 + 0.04**4 / 9))


def test_the_same_experiment_twice_is_reproduced(tmp_path):
    original = machine(tmp_path / "a", "first-2c-000001", [pools()], seed=1)
    again = machine(tmp_path / "b", "second-4c-000002", [pools(cpus=4, speed=3)], cpus=4, seed=2)
    rows = comparisons(read_measured(original), read_measured(again))
    assert [(row.setting, row.result) for row in rows] == [("intra_op=1", REPRODUCED), ("intra_op=cores", REPRODUCED)]
    assert rows[0].original == pytest.approx(1 / 1.8, rel=0.05)
    assert rows[0].change_low < 1 < rows[0].change_high


def test_an_effect_that_turns_round_is_not_reproduced(tmp_path):
    def run(place: str, seed: int, effect: float) -> Path:
        cell = SimulatedCell("pools", "matmul", [{"intra_op": None}, {"intra_op": 1}], [1.0, effect], 6)
        return machine(tmp_path / place, f"turned-2c-00000{seed}", [cell], seed=seed)

    rows = comparisons(read_measured(run("a", 1, 1.4)), read_measured(run("b", 2, 0.7)))
    assert [(row.original_verdict, row.again_verdict, row.result) for row in rows] == [(FASTER, SLOWER, NOT_REPRODUCED)]
    assert rows[0].change_low < 0.5 < rows[0].change_high


def test_what_the_second_run_lacks_is_undecided_with_the_reason(tmp_path):
    original = read_measured(machine(tmp_path / "a", "first-2c-000001", [pools()]))
    short = SimulatedCell("pools", "matmul", [{"intra_op": None}, {"intra_op": 1}], [1.0, 0.5], 1)
    rows = comparisons(original, read_measured(machine(tmp_path / "b", "second-2c-000002", [short])))
    assert [row.result for row in rows] == [UNDECIDED, UNDECIDED]
    assert "in one round only" in rows[0].reason
    assert rows[1].reason == "the second run has no such comparison of its own"
    other = machine(
        tmp_path / "c", "third-2c-000003", [pools()], edits={'"params":{"size":512}': '"params":{"size":9}'}
    )
    assert comparisons(original, read_measured(other))[0].reason == "other parameters: size=512 and size=9"


def test_the_report_has_the_form_of_an_artifact_appendix(tmp_path, capsys):
    original = machine(tmp_path / "original", "first-2c-000001", [pools()], seed=1)
    edits = {"0.0.0-simulated": "6.1.0"}
    again = machine(tmp_path / "again", "second-2c-000002", [pools()], seed=2, edits=edits)
    for folder in (original, again):
        (folder / "report.md").touch()
    arguments = ["--original", str(tmp_path / "original"), "--again", str(again), "--out", str(tmp_path / "out")]
    (tmp_path / "out").mkdir()
    assert main(["judge", *arguments, "--claims", str(CLAIMS)]) == 0
    assert f"the report is {tmp_path / 'out/report.md'}" in capsys.readouterr().out
    text = (tmp_path / "out/report.md").read_text()
    assert "| 2 comparisons | 2 | 0 | 0 |" in text
    assert "| system | kernel | 0.0.0-simulated | 6.1.0 |" in text
    for badge in ("Artifacts Available", "Artifacts Evaluated, Functional", "Results Reproduced", "Results Replicated"):
        assert f"- **{badge}:** " in text
    assert re.search(r"\*\*Results Reproduced:\*\* yes. On another machine, [^:]*: 2 reproduced, 0 not ", text)
    assert all((tmp_path / "out" / target).exists() for target in links(text))
    assert (tmp_path / "out/report.html").is_file()
    with (tmp_path / "out/comparisons.csv").open() as file:
        assert [row["result"] for row in csv.DictReader(file)] == [REPRODUCED, REPRODUCED]


def test_a_badge_is_supported_only_by_what_the_runs_show(tmp_path):
    original = read_measured(machine(tmp_path / "a", "first-2c-000001", [pools(rounds=2)]))
    broken = machine(tmp_path / "b", "first-2c-000001", [pools(rounds=2)])
    next((broken / "rounds").rglob("2.jsonl")).unlink()
    short = read_measured(broken)

    def supported(again: Measured, checked: str, results: list[Result]) -> list[str]:
        return [badge.supported for badge in badges(original, again, checked, results)]

    assert supported(original, "Verified.", [REPRODUCED]) == ["not decided here", "yes", "yes", "no"]
    assert supported(original, "Verified.", [REPRODUCED, UNDECIDED])[2] == "in part"
    assert supported(original, "", [UNDECIDED]) == ["not decided here", "in part", "not decided here", "no"]
    assert supported(short, "Verified.", [REPRODUCED, NOT_REPRODUCED]) == ["not decided here", "no", "no", "no"]


def test_a_folder_is_made_ready_to_run_again(tmp_path):
    folder = machine(tmp_path, "first-2c-000001", [pools(rounds=2)])
    (folder / "config.yaml").write_text("rounds: 2\nresults: elsewhere\n")
    reproduction_start.start(folder, tmp_path / "out", CHECKOUT)
    config = yaml.safe_load((tmp_path / "out/config.yaml").read_text())
    assert config == {"rounds": 2, "results": str(tmp_path / "out/again")}
    assert (tmp_path / "out/original/first-2c-000001/plan.json").read_bytes() == (folder / "plan.json").read_bytes()
    assert reproduction_start.read_checked(tmp_path / "out") == ""
    reproduction_start.start(folder, tmp_path / "out", CHECKOUT)  # a second time, over the first one's copy


def test_a_bundle_is_verified_and_unpacked_first(tmp_path):
    (tmp_path / "given.tar.xz").write_bytes(small_bundle())
    reproduction_start.start(tmp_path / "given.tar.xz", tmp_path / "out", CHECKOUT)
    told = reproduction_start.read_checked(tmp_path / "out")
    assert told.startswith(f"The bundle given.tar.xz (sha256 {sha256(small_bundle())}) was verified: ")
    config = yaml.safe_load((tmp_path / "out/config.yaml").read_text())
    assert config["sweeps"].keys() == {"onednn"}
    assert config["results"] == str(tmp_path / "out/again")
    assert (tmp_path / "out/original" / MACHINE / "rounds").is_dir()


def test_other_locks_stop_it_and_are_named(tmp_path):
    folder = machine(tmp_path, "first-2c-000001", [pools(rounds=2)])
    (folder / "config.yaml").write_text("rounds: 2\n")
    for lock in ("requirements.lock", "containers/images/cpu/requirements.lock"):
        (folder / "suite" / lock).parent.mkdir(parents=True, exist_ok=True)
        (folder / "suite" / lock).write_bytes((CHECKOUT / lock).read_bytes())
    assert reproduction_start.differing_locks(folder, CHECKOUT) == []
    edited = folder / "suite/containers/images/cpu/requirements.lock"
    edited.write_text(edited.read_text() + "# edited\n")
    (folder / "suite/gone.lock").touch()
    with pytest.raises(
        AnalysisError, match=r"\(containers/images/cpu/requirements.lock, gone.lock\); check out the suite"
    ):
        reproduction_start.start(folder, tmp_path / "out", CHECKOUT)


@pytest.mark.parametrize("config", [None, "- a list\n", "{"])
def test_without_a_config_it_cannot_be_made_again(tmp_path, config):
    folder = machine(tmp_path, "first-2c-000001", [pools(rounds=2)])
    (folder / "config.yaml").unlink()
    if config is not None:
        (folder / "config.yaml").write_text(config)
    with pytest.raises(
        ConfigError, match=r"first-2c-000001/config\.yaml (cannot be read|holds no mapping|is not YAML)"
    ):
        reproduction_start.start(folder, tmp_path / "out", CHECKOUT)


def test_what_is_no_bundle_is_refused_before_anything_is_written(tmp_path, capsys):
    (tmp_path / "note.txt").write_text("no bundle")
    with pytest.raises(BundleError):
        reproduction_start.start(tmp_path / "note.txt", tmp_path / "out", CHECKOUT)
    assert main(["start", str(tmp_path / "absent"), "--out", str(tmp_path / "out")]) == 2
    assert "is neither a bundle nor a machine's folder" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_two_machines_in_one_folder_have_to_be_told_apart(tmp_path, capsys):
    for number in (1, 2):
        machine(tmp_path, f"some-2c-00000{number}", [pools(rounds=2)])
    assert main(["start", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "it holds some-2c-000001, some-2c-000002; name one" in capsys.readouterr().err
