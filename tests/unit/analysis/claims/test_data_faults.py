"""Data that claims rest on can be missing, damaged or foreign: each way has a stated outcome."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analysis.claims import judge as claims
from analysis.claims.judge import judge
from analysis.claims.verdict import CLAIMS
from analysis.comparisons.pairs import Evidence
from analysis.tables.tables import LAUNCHES, write_parquet
from tests.made.judged import CPU, cell, claim, fact, ratio, verdict
from tests.made.known_truth import Truth, launches_of, plan_of
from workloads.vocabulary.errors import AnalysisError
from workloads.vocabulary.inventory import Audit
from workloads.vocabulary.plan import Hole, HoleKind
from workloads.vocabulary.record import to_json

# Ways in which data can be missing or wrong: (what happens to the table, verdict, part of the reason)

Change = Callable[[pd.DataFrame], pd.DataFrame]


def _set(column: str, value: object, setting: int | None = None, rounds: range = range(1, 99)) -> Change:
    """Set a column of the launches of one of the two settings (0 or 1), or of both."""

    def change(rows: pd.DataFrame) -> pd.DataFrame:
        chosen = rows["round"].isin(rounds)
        if setting is not None:
            chosen &= rows["position"] == setting + 1
        return rows.assign(**{column: rows[column].where(~chosen, value)})

    return change


@pytest.mark.parametrize(
    ("change", "outcome", "reason"),
    [
        (lambda rows: rows[rows["position"] == 1], "not testable here", "not measured yet"),
        (lambda rows: rows[rows["position"] == 2], "not testable here", "no launch of intra_op=1 counts"),
        (_set("status", "aborted", 1), "not testable here", "every launch of intra_op=cores failed"),
        (_set("status", "aborted", 0), "not testable here", "no launch of intra_op=1 counts"),
        (_set("set_aside", True, 1), "not testable here", "every launch set aside"),
        (_set("throughput", np.nan, 1), "not testable here", "every launch of intra_op=cores failed"),
        (_set("throughput", -1.0, 1), "not testable here", "every launch of intra_op=cores failed"),
        (_set("throughput", np.inf, 0), "not testable here", "no launch of intra_op=1 counts"),
        (_set("work_unit", "byte", 1), "not testable here", "two units"),
        (_set("image_content", "sha256:9", None, range(2, 3)), "not testable here", "two images"),
        (lambda rows: rows[rows["round"] == 1], "undecided", "in one round only"),
        (_set("throughput", 2.0), "undecided", "1.00× in each of 5 rounds, which real times never are"),
        (_set("status", "aborted", 1, range(2, 4)), "supported", ""),  # three rounds are left
        (_set("status", "timeout", 1, range(2, 4)), "undecided", "took longer than the time limit"),
        (_set("set_aside", True, 0, range(2, 4)), "supported", ""),
    ],
)
def test_bad_input_has_a_stated_outcome(change: Change, outcome: str, reason: str) -> None:
    judgement = verdict(claim(ratio()), cell(1, 2), change=change)
    assert (judgement.verdict, reason in judgement.reason) == (outcome, True), judgement.reason
    assert not judgement.reason if outcome == "supported" else judgement.effect is None


def test_a_second_launch_that_counts_in_one_block_is_refused() -> None:
    def twice(rows: pd.DataFrame) -> pd.DataFrame:
        return pd.concat([rows, rows.iloc[[0]]])

    with pytest.raises(AnalysisError, match="second launch of its setting that counts in one block"):
        verdict(claim(ratio()), cell(1, 2), change=twice)


def test_a_launch_set_aside_does_not_stand_in_the_way_of_its_second_attempt() -> None:
    def again(rows: pd.DataFrame) -> pd.DataFrame:
        return pd.concat([rows, rows.iloc[[0]].assign(set_aside=True, throughput=1e-9)])

    assert verdict(claim(ratio()), cell(1, 2), change=again) == verdict(claim(ratio()), cell(1, 2))


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        (ratio(sweep="t"), "The config has no sweep t."),
        (ratio("x"), "The config's sweep s does not measure x."),
        (ratio(setting={"intra_op": 3}), "Sweep s has no setting intra_op=3 of its own here."),
        (ratio(setting={"inter_op": 1}), "Sweep s has no setting inter_op=1 of its own here."),
    ],
)
def test_what_the_plan_does_not_have_is_not_testable_here(test: dict[str, Any], reason: str) -> None:
    judgement = verdict(claim(test), cell(1, 2))
    assert (judgement.verdict, judgement.reason) == ("not testable here", reason)


def test_a_sweep_that_the_machine_cannot_run_gives_the_plans_reason() -> None:
    judgement = verdict(claim(ratio(sweep="t")), cell(1, 2), holes=[Hole(HoleKind.SWEEP, "t", "it needs image cuda")])
    assert judgement.reason == "Sweep t: it needs image cuda."


def test_a_gpu_that_is_not_there() -> None:
    wanted = claim(ratio(), needs="gpu")
    judgement = verdict(wanted, cell(1, 2), holes=[Hole(HoleKind.IMAGE, "cuda", "no NVIDIA driver")])
    assert (judgement.verdict, judgement.reason) == ("not testable here", "It needs a GPU: no NVIDIA driver.")
    assert verdict(wanted, cell(1, 2), images={"cpu": "0", "cuda": "1"}).verdict == "supported"


def test_settings_are_found_as_they_are_written_defaults_left_out() -> None:
    default = {"intra_op": "default", "inter_op": "default"}
    truth = Truth("s", "w", [(default, 1), ({"intra_op": "4*cores", "inter_op": "default"}, 2)])
    judgement = verdict(claim(ratio(setting={"intra_op": "4 * cores"}, against={})), truth)
    assert judgement.verdict == "supported"


def test_different_work_a_call_compares_by_work_a_second() -> None:
    """Calls that take twice as long for four times the work are twice as fast."""

    def more_work(rows: pd.DataFrame) -> pd.DataFrame:
        chosen = rows["position"] == 2
        columns = {name: rows[name].where(~chosen, rows[name] * 2) for name in ("call_s", "median_s", "throughput")}
        return rows.assign(work_amount=rows["work_amount"].where(~chosen, rows["work_amount"] * 4), **columns)

    judgement = verdict(claim(ratio()), cell(1, 1), noise=0.005, change=more_work)
    assert judgement.effect == pytest.approx(2, rel=0.02)


def write_folder(root: Path, *truths: Truth) -> None:
    root.mkdir(exist_ok=True)
    (root / "plan.json").write_text(to_json(plan_of(truths)))
    write_parquet(pa.Table.from_pandas(launches_of(truths)), root / LAUNCHES)


def test_the_command_writes_a_table_that_reads_back(tmp_path: Path) -> None:
    write_folder(tmp_path, cell(1, 2))
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit/cpu.json").write_text(to_json(Audit(CPU, "m", [], [fact(True)], 1, 1.0)))
    file = tmp_path / "claims.yaml"
    file.write_text(
        "sources: {G: A guide}\nclaims:\n"
        "  - {id: one, sentence: S., source: G, refuted_by: R., figure: s-speedup, tests: [{test: ratio, sweep: s, "
        "workload: w, setting: {intra_op: cores}, against: {intra_op: 1}}]}\n"
        "  - {id: two, sentence: S., source: G, refuted_by: R., figure: t-speedup, "
        "tests: [{test: audit, fact: no-openmp}]}\n"
    )
    assert claims.main(["--results", str(tmp_path), "--claims", str(file)]) == 0
    inputs, two = CLAIMS.read(tmp_path)
    assert (inputs.id, inputs.verdict, inputs.source, inputs.title, inputs.figure) == (
        "one",
        "supported",
        "G",
        "A guide",
        "s-speedup",
    )
    assert inputs.effect == pytest.approx(2, rel=0.05)
    assert (two.id, two.verdict, two.figure, two.effect, two.p) == ("two", "supported", "", None, None)
    assert two.found == "No OpenMP library is loaded: yes (the list of loaded libraries)."


def test_an_audit_that_is_damaged_or_foreign_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_folder(tmp_path, cell(1, 2))
    (tmp_path / "audit").mkdir()
    audit = tmp_path / "audit/cpu.json"
    for text, told in [("{", "cpu.json"), (to_json(Audit(CPU, "m", [], [], 1, 1.0, format=9)), "format 9")]:
        audit.write_text(text)
        assert claims.main(["--results", str(tmp_path), "--claims", "config/claims.yaml"]) == 2
        assert told in capsys.readouterr().err


def test_the_shipped_claims_have_an_outcome_on_a_folder_that_holds_nothing() -> None:
    """All twenty, each with the reason why it is not decided."""
    shipped = claims.read_file(Path(__file__).parents[4] / "config/claims.yaml")
    result = judge(shipped, Evidence(plan_of([]), launches_of([]), {}))
    assert len(result) == 20
    assert {entry.verdict for entry in result} == {"not testable here"}
    assert all(item.reason for item in result)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(AnalysisError, match="is missing; run"):
        CLAIMS.read(tmp_path)
    assert not (tmp_path / CLAIMS.file).exists()
