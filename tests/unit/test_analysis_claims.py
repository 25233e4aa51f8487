"""Each kind of test gives each verdict from known truth, and says in a sentence why it gives none."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import claims
from analysis.claim_config import Claims
from analysis.claim_evidence import Evidence
from analysis.claim_verdict import Verdict, read_claims
from analysis.claims import judge
from analysis.errors import AnalysisError
from analysis.stats import log_mean
from analysis.tables import CLAIMS, LAUNCHES, write_table
from tests.unit.known_truth import ONE, TWO, Truth, launches_of, plan_of
from workloads.inventory import Audit, AuditFact
from workloads.plan import Hole
from workloads.record import ImageIdentity, to_json

CPU = ImageIdentity("cpu", "sha256:0", "sha256:1")
FOUR = {"intra_op": 4}


def contrast(workload: str = "w", **more: Any) -> dict[str, Any]:
    return {"sweep": "s", "workload": workload, "setting": TWO, "against": ONE, **more}


def ratio(workload: str = "w", **more: Any) -> dict[str, Any]:
    return contrast(workload, test="ratio", **more)


def claim(*tests: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "c",
        "sentence": "It is so.",
        "source": "G",
        "refuted_by": "It is not so.",
        "tests": list(tests),
        **more,
    }


def verdicts(*wanted: dict[str, Any], evidence: Evidence) -> list[Verdict]:
    named = [one | {"id": f"c{number}"} for number, one in enumerate(wanted)]
    return judge(Claims.model_validate({"sources": {"G": "A guide"}, "claims": named}), evidence)


def verdict(
    wanted: dict[str, Any],
    *truths: Truth,
    noise: float = 0.01,
    change: Callable[[pd.DataFrame], pd.DataFrame] = lambda rows: rows,
    facts: Sequence[AuditFact] = (),
    **plan: Any,
) -> Verdict:
    launches = change(launches_of(truths, noise=noise))
    audits = {"cpu": Audit(CPU, "m", [], list(facts), 1, 1.0)} if facts else {}
    (found,) = verdicts(wanted, evidence=Evidence(plan_of(truths, **plan), launches, audits))
    return found


def cell(*speeds: float, workload: str = "w", **more: Any) -> Truth:
    """Settings intra_op 1, cores, 4, ... with these speeds."""
    return Truth("s", workload, list(zip([ONE, TWO, FOUR, {"intra_op": 8}], speeds, strict=False)), **more)


@pytest.mark.parametrize(
    ("speed", "noise", "expect", "outcome"),
    [
        (2.0, 0.01, "faster", "supported"),
        (0.5, 0.01, "faster", "refuted"),
        (1.0, 0.002, "faster", "refuted"),  # equivalent
        (1.0, 0.2, "faster", "undecided"),
        (1.01, 0.0005, "faster", "refuted"),  # resolved, and within the margin
        (0.99, 0.0005, "slower", "refuted"),
        (0.5, 0.01, "slower", "supported"),
        (2.0, 0.01, "slower", "refuted"),
        (2.0, 0.01, "different", "supported"),
        (0.5, 0.01, "different", "supported"),
        (1.0, 0.002, "different", "refuted"),
        (1.015, 0.0005, "different", "refuted"),  # resolved, and within the margin
        (1.0, 0.2, "different", "undecided"),
    ],
)
def test_ratio(speed: float, noise: float, expect: str, outcome: str) -> None:
    assert verdict(claim(ratio(expect=expect)), cell(1, speed), noise=noise).verdict == outcome


@pytest.mark.parametrize(("speed", "outcome"), [(1.07, "refuted"), (1.13, "supported"), (1.1, "undecided")])
def test_a_gain_within_a_claims_own_margin_refutes_it(speed: float, outcome: str) -> None:
    """Also where its whole interval lies above 1: the claim says what it takes."""
    found = verdict(claim(ratio(margin=0.1)), cell(1, speed), noise=0.005)
    assert found.verdict == outcome
    assert found.low is not None
    assert found.low > 1


@pytest.mark.parametrize(
    ("speed", "noise", "outcome"),
    [(1.0, 0.005, "supported"), (1.3, 0.01, "refuted"), (0.7, 0.01, "refuted"), (1.05, 0.02, "undecided")],
)
def test_equivalence(speed: float, noise: float, outcome: str) -> None:
    test = contrast(test="equivalence", margin=0.05)
    assert verdict(claim(test), cell(1, speed), noise=noise).verdict == outcome


@pytest.mark.parametrize(
    ("first", "second", "noise", "outcome"),
    [(2, 1, 0.01, "supported"), (1, 2, 0.01, "refuted"), (2, 2, 0.002, "refuted"), (2, 2, 0.2, "undecided")],
)
def test_interaction_of_two_cells(first: float, second: float, noise: float, outcome: str) -> None:
    test = {"test": "interaction", "first": contrast("w"), "second": contrast("v")}
    found = verdict(claim(test), cell(1, first), cell(1, second, workload="v"), noise=noise)
    assert found.verdict == outcome
    if noise < 0.1:
        assert found.effect == pytest.approx(first / second, rel=0.05)


def test_interaction_within_one_cell_pairs_the_rounds_whose_launches_it_shares() -> None:
    """Both ratios have the launches of intra_op 1 in common, so that these cancel: 2 over 4, whatever 1 did."""
    test = {"test": "interaction", "first": contrast(), "second": contrast(setting=FOUR)}
    found = verdict(claim(test), cell(1, 2, 1.5), noise=0.05)
    rows = launches_of([cell(1, 2, 1.5)], noise=0.05)
    _, two, four = (np.log(group["throughput"].to_numpy()) for _, group in rows.groupby("setting", sort=False))
    expected = log_mean(two - four)
    assert expected is not None
    assert (found.low, found.high) == pytest.approx(expected.interval)


@pytest.mark.parametrize(
    ("speeds", "noise", "outcome"),
    [((1, 2, 4), 0.01, "supported"), ((4, 2, 1), 0.01, "refuted"), ((1, 1, 1), 0.3, "undecided")],
)
def test_ordered(speeds: tuple[float, ...], noise: float, outcome: str) -> None:
    test = {"test": "ordered", "sweep": "s", "workload": "w", "settings": [ONE, TWO, FOUR]}
    found = verdict(claim(test), cell(*speeds), noise=noise)
    assert found.verdict == outcome
    if outcome == "supported":
        assert found.effect == pytest.approx(2, rel=0.02)  # a step


@pytest.mark.parametrize(
    ("speeds", "noise", "outcome"),
    [((1, 1.5, 0.8), 0.01, "supported"), ((1, 0.9, 0.8), 0.01, "refuted"), ((1, 1, 1), 0.2, "undecided")],
)
def test_regret(speeds: tuple[float, ...], noise: float, outcome: str) -> None:
    test = {"test": "regret", "sweep": "s", "workload": "w", "setting": ONE}
    assert verdict(claim(test), cell(*speeds), noise=noise).verdict == outcome


def test_an_order_is_tested_on_those_settings_that_the_sweep_has() -> None:
    """Twice as fast a step: four times over the two steps between the first and the last."""
    test = {"test": "ordered", "sweep": "s", "workload": "w", "settings": [ONE, {"intra_op": 3}, TWO]}
    found = verdict(claim(test), cell(1, 4))
    assert (found.verdict, found.effect) == ("supported", pytest.approx(2, rel=0.02))
    assert "has no setting intra_op=3" in found.found
    alone = {**test, "settings": [ONE, {"intra_op": 3}]}
    assert verdict(claim(alone), cell(1, 4)).verdict == "not testable here"


def test_regret_takes_three_rounds() -> None:
    test = {"test": "regret", "sweep": "s", "workload": "w", "setting": ONE}
    found = verdict(claim(test), cell(1, 2, rounds=2))
    assert (found.verdict, "2 rounds are too few" in found.reason) == ("undecided", True)
    assert verdict(claim(test), cell(1, 2, rounds=3)).verdict == "supported"


@pytest.mark.parametrize(
    ("first", "second", "noise", "outcome"),
    [(2, 0.5, 0.01, "supported"), (0.5, 2, 0.01, "supported"), (2, 3, 0.01, "refuted"), (1, 1, 0.3, "undecided")],
)
def test_rank_reversal(first: float, second: float, noise: float, outcome: str) -> None:
    places = [{"sweep": "s", "workload": name} for name in "wv"]
    test = {"test": "rank_reversal", "places": places, "setting": TWO, "against": ONE}
    assert verdict(claim(test), cell(1, first), cell(1, second, workload="v"), noise=noise).verdict == outcome


def test_a_place_that_was_not_measured_cannot_refute_a_reversal() -> None:
    places = [{"sweep": "s", "workload": name} for name in "wvu"]
    test = {"test": "rank_reversal", "places": places, "setting": TWO, "against": ONE}
    assert verdict(claim(test), cell(1, 2), cell(1, 0.5, workload="v")).verdict == "supported"
    found = verdict(claim(test), cell(1, 2), cell(1, 3, workload="v"))
    assert (found.verdict, "does not measure u" in found.found) == ("undecided", True)
    assert verdict(claim(test), cell(1, 2)).verdict == "not testable here"


def fact(holds: bool | None) -> AuditFact:
    return AuditFact("no-openmp", "No OpenMP library is loaded", holds, "the list of loaded libraries")


@pytest.mark.parametrize(
    ("holds", "claimed", "outcome"),
    [
        (True, True, "supported"),
        (False, False, "supported"),
        (True, False, "refuted"),
        (False, True, "refuted"),
        (None, True, "not testable here"),
    ],
)
def test_audit(holds: bool | None, claimed: bool, outcome: str) -> None:
    found = verdict(claim({"test": "audit", "fact": "no-openmp", "holds": claimed}), facts=[fact(holds)])
    assert (found.verdict, found.p_adjusted, found.family) == (outcome, None, 0)


def test_no_audit_and_no_such_fact() -> None:
    test = claim({"test": "audit", "fact": "no-openmpp"})
    assert verdict(test).reason == "No audit of image cpu."
    assert verdict(test, facts=[fact(True)]).reason == "The audit of image cpu has no fact no-openmpp."


def test_all_and_any() -> None:
    truths = [cell(1, 2), cell(1, 0.5, workload="v")]
    assert verdict(claim(ratio("w"), ratio("v")), *truths).verdict == "refuted"
    assert verdict(claim(ratio("w"), ratio("v"), holds="any"), *truths).verdict == "supported"
    assert verdict(claim(ratio("v"), ratio("v"), holds="any"), *truths).verdict == "refuted"
    assert verdict(claim(ratio("w"), ratio("w")), *truths).verdict == "supported"


def test_the_effect_is_that_of_the_test_on_which_the_verdict_hangs() -> None:
    truths = [cell(1, 2), cell(1, 0.5, workload="v")]
    assert verdict(claim(ratio("w"), ratio("v")), *truths).effect == pytest.approx(0.5, rel=0.05)
    found = verdict(claim(ratio("v"), ratio("w"), holds="any"), *truths)
    assert found.effect == pytest.approx(2, rel=0.05)
    assert found.found.startswith("On w, intra_op=cores against intra_op=1: 2")
    assert found.places == "s/w; s/v"
    assert found.directories.split() == [f"rounds/s/{one.workload}@{one.cell().definition}" for one in truths]


def test_what_is_missing_holds_back_all_but_not_any() -> None:
    there, gone = ratio("w"), ratio("x")
    assert verdict(claim(there, gone), cell(1, 2)).verdict == "undecided"
    assert verdict(claim(there, gone), cell(1, 0.5)).verdict == "refuted"
    assert verdict(claim(there, gone, holds="any"), cell(1, 2)).verdict == "supported"
    assert verdict(claim(there, gone, holds="any"), cell(1, 0.5)).verdict == "undecided"
    assert verdict(claim(gone, gone), cell(1, 2)).verdict == "not testable here"


def test_many_claims_are_adjusted_together() -> None:
    """A difference that is called alone, and not as one of forty."""
    evidence = Evidence(plan_of([cell(1, 1.05)]), launches_of([cell(1, 1.05)], noise=0.02), {})
    (alone,) = verdicts(claim(ratio()), evidence=evidence)
    together = verdicts(*[claim(ratio())] * 40, evidence=evidence)
    assert (alone.verdict, alone.family, {one.family for one in together}) == ("supported", 1, {40})
    assert {one.verdict for one in together} == {"undecided"}
    assert together[0].p == alone.p


def test_crossing_gives_the_size_from_which_the_interval_lies_above_one() -> None:
    sizes = [cell(1, speed, workload=f"n{n}", params={"n": n}) for n, speed in [(64, 1.0), (512, 1.5), (2048, 1.9)]]
    test = ratio("n2048", crossing={"param": "n", "workloads": ["n64", "n512", "n2048"]})
    assert "of n = 64, 512, 2048 the first interval above 1 is at 512" in verdict(claim(test), *sizes).found
    flat = [cell(1, 0.9, workload=name, params={"n": 1}) for name in ("n64", "n512", "n2048")]
    assert "no interval lies above 1" in verdict(claim(test), *flat).found


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
        (_set("status", "timeout", 1, range(2, 4)), "supported", ""),  # three rounds are left
        (_set("set_aside", True, 0, range(2, 4)), "supported", ""),
    ],
)
def test_bad_input_has_a_stated_outcome(change: Change, outcome: str, reason: str) -> None:
    found = verdict(claim(ratio()), cell(1, 2), change=change)
    assert (found.verdict, reason in found.reason) == (outcome, True), found.reason
    assert not found.reason if outcome == "supported" else found.effect is None


def test_a_second_launch_that_counts_in_one_round_is_refused() -> None:
    def twice(rows: pd.DataFrame) -> pd.DataFrame:
        return pd.concat([rows, rows.iloc[[0]]])

    with pytest.raises(AnalysisError, match="second launch of its round and setting"):
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
    found = verdict(claim(test), cell(1, 2))
    assert (found.verdict, found.reason) == ("not testable here", reason)


def test_a_sweep_that_the_machine_cannot_run_gives_the_plans_reason() -> None:
    found = verdict(claim(ratio(sweep="t")), cell(1, 2), holes=[Hole("sweep t", "it needs image cuda")])
    assert found.reason == "Sweep t: it needs image cuda."


def test_a_gpu_that_is_not_there() -> None:
    wanted = claim(ratio(), needs="gpu")
    found = verdict(wanted, cell(1, 2), holes=[Hole("image cuda", "no NVIDIA driver")])
    assert (found.verdict, found.reason) == ("not testable here", "It needs a GPU: no NVIDIA driver.")
    assert verdict(wanted, cell(1, 2), images={"cpu": "0", "cuda": "1"}).verdict == "supported"


def test_settings_are_found_as_they_are_written_defaults_left_out() -> None:
    default = {"intra_op": "default", "inter_op": "default"}
    truth = Truth("s", "w", [(default, 1), ({"intra_op": "4*cores", "inter_op": "default"}, 2)])
    found = verdict(claim(ratio(setting={"intra_op": "4 * cores"}, against={})), truth)
    assert found.verdict == "supported"


def test_different_work_a_call_compares_by_work_a_second() -> None:
    """Calls that take twice as long for four times the work are twice as fast."""

    def more_work(rows: pd.DataFrame) -> pd.DataFrame:
        ours = rows["position"] == 2
        columns = {name: rows[name].where(~ours, rows[name] * 2) for name in ("median_s", "mean_s", "throughput")}
        return rows.assign(work_amount=rows["work_amount"].where(~ours, rows["work_amount"] * 4), **columns)

    found = verdict(claim(ratio()), cell(1, 1), noise=0.005, change=more_work)
    assert found.effect == pytest.approx(2, rel=0.02)


def write_folder(root: Path, *truths: Truth) -> None:
    root.mkdir(exist_ok=True)
    (root / "plan.json").write_text(to_json(plan_of(truths)))
    write_table(launches_of(truths), root / LAUNCHES)


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
    one, two = read_claims(tmp_path)
    assert (one.id, one.verdict, one.source, one.title, one.figure) == ("one", "supported", "G", "A guide", "s-speedup")
    assert one.effect == pytest.approx(2, rel=0.05)
    assert (two.id, two.verdict, two.figure, two.effect, two.p) == ("two", "supported", "", None, None)
    assert two.found == "No OpenMP library is loaded: yes (the list of loaded libraries)."


def test_an_audit_that_is_damaged_or_foreign_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_folder(tmp_path, cell(1, 2))
    (tmp_path / "audit").mkdir()
    audit = tmp_path / "audit/cpu.json"
    for text, told in [("{", "cpu.json"), (to_json(Audit(CPU, "m", [], [], 1, 1.0, format=1)), "format 1")]:
        audit.write_text(text)
        assert claims.main(["--results", str(tmp_path), "--claims", "config/claims.yaml"]) == 2
        assert told in capsys.readouterr().err


def test_the_shipped_claims_have_an_outcome_on_a_folder_that_holds_nothing() -> None:
    """All twenty, each with the reason why it is not decided."""
    shipped = claims.read_file(Path(__file__).parents[2] / "config/claims.yaml")
    found = judge(shipped, Evidence(plan_of([]), launches_of([]), {}))
    assert len(found) == 20
    assert {one.verdict for one in found} == {"not testable here"}
    assert all(one.reason for one in found)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(AnalysisError, match="is missing; run"):
        read_claims(tmp_path)
    assert not (tmp_path / CLAIMS).exists()
