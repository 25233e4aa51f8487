"""Each kind of test gives each verdict from known truth, and says in a sentence why it gives none."""

import numpy as np
import pytest

from analysis.comparisons.pairs import Evidence
from analysis.statistics.log_mean import log_mean
from tests.made.judged import FOUR, cell, claim, contrast, fact, ratio, verdict, verdicts
from tests.made.known_truth import ONE, TWO, launches_of, plan_of


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
    judgement = verdict(claim(ratio(margin=0.1)), cell(1, speed), noise=0.005)
    assert judgement.verdict == outcome
    assert judgement.low is not None
    assert judgement.low > 1


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
    judgement = verdict(claim(test), cell(1, first), cell(1, second, workload="v"), noise=noise)
    assert judgement.verdict == outcome
    if noise < 0.1:
        assert judgement.effect == pytest.approx(first / second, rel=0.05)


def test_interaction_within_one_cell_pairs_the_rounds_whose_launches_it_shares() -> None:
    """Both ratios have the launches of intra_op 1 in common, so that these cancel: 2 over 4, whatever 1 did."""
    test = {"test": "interaction", "first": contrast(), "second": contrast(setting=FOUR)}
    judgement = verdict(claim(test), cell(1, 2, 1.5), noise=0.05)
    rows = launches_of([cell(1, 2, 1.5)], noise=0.05)
    _, two, four = (np.log(group["throughput"].to_numpy()) for _, group in rows.groupby("setting", sort=False))
    expected = log_mean(two - four)
    assert expected is not None
    assert (judgement.low, judgement.high) == pytest.approx(expected.interval)


@pytest.mark.parametrize(
    ("speeds", "noise", "outcome"),
    [((1, 2, 4), 0.01, "supported"), ((4, 2, 1), 0.01, "refuted"), ((1, 1, 1), 0.3, "undecided")],
)
def test_ordered(speeds: tuple[float, ...], noise: float, outcome: str) -> None:
    test = {"test": "ordered", "sweep": "s", "workload": "w", "settings": [ONE, TWO, FOUR]}
    judgement = verdict(claim(test), cell(*speeds), noise=noise)
    assert judgement.verdict == outcome
    if outcome == "supported":
        assert judgement.effect == pytest.approx(2, rel=0.02)  # a step


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
    judgement = verdict(claim(test), cell(1, 4))
    assert (judgement.verdict, judgement.effect) == ("supported", pytest.approx(2, rel=0.02))
    assert "has no setting intra_op=3" in judgement.found
    alone = {**test, "settings": [ONE, {"intra_op": 3}]}
    assert verdict(claim(alone), cell(1, 4)).verdict == "not testable here"


def test_regret_takes_three_rounds() -> None:
    test = {"test": "regret", "sweep": "s", "workload": "w", "setting": ONE}
    judgement = verdict(claim(test), cell(1, 2, rounds=2))
    assert (judgement.verdict, "2 rounds are too few" in judgement.reason) == ("undecided", True)
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
    judgement = verdict(claim(test), cell(1, 2), cell(1, 3, workload="v"))
    assert (judgement.verdict, "does not measure u" in judgement.found) == ("undecided", True)
    assert verdict(claim(test), cell(1, 2)).verdict == "not testable here"


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
    judgement = verdict(claim({"test": "audit", "fact": "no-openmp", "holds": claimed}), facts=[fact(holds)])
    assert (judgement.verdict, judgement.p_adjusted, judgement.family) == (outcome, None, 0)


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
    judgement = verdict(claim(ratio("v"), ratio("w"), holds="any"), *truths)
    assert judgement.effect == pytest.approx(2, rel=0.05)
    assert judgement.found.startswith("On w, intra_op=cores against intra_op=1: 2")
    assert judgement.places == ("s/w", "s/v")
    assert judgement.directories == tuple(f"rounds/s/{truth.workload}@{truth.cell().definition}" for truth in truths)


@pytest.mark.parametrize(("holds", "claimed", "outcome"), [("all", False, "refuted"), ("any", True, "supported")])
def test_a_fact_that_settles_a_claim_comes_first_and_leaves_nothing_to_chance(
    holds: str, claimed: bool, outcome: str
) -> None:
    """The other test, which could tell nothing or the contrary, gives no effect and no p."""
    audit = {"test": "audit", "fact": "no-openmp", "holds": claimed}
    judgement = verdict(claim(ratio(), audit, holds=holds), cell(1, 1.05), noise=0.4, facts=[fact(True)])
    assert judgement.verdict == outcome
    assert judgement.places[0] == "audit of image cpu: no-openmp"
    assert (judgement.effect, judgement.low, judgement.p, judgement.p_adjusted, judgement.family) == (None,) * 4 + (0,)


@pytest.mark.parametrize(("holds", "claimed"), [("all", True), ("any", False)])
def test_a_fact_that_settles_nothing_leaves_the_verdict_to_the_other_test(holds: str, claimed: bool) -> None:
    audit = {"test": "audit", "fact": "no-openmp", "holds": claimed}
    judgement = verdict(claim(audit, ratio(), holds=holds), cell(1, 2), facts=[fact(True)])
    assert (judgement.verdict, judgement.family) == ("supported", 1)
    assert judgement.effect == pytest.approx(2, rel=0.05)


def test_what_is_missing_holds_back_all_but_not_any() -> None:
    there, gone = ratio("w"), ratio("x")
    assert verdict(claim(there, gone), cell(1, 2)).verdict == "not testable here"
    assert verdict(claim(there, gone), cell(1, 0.5)).verdict == "refuted"
    assert verdict(claim(there, gone, holds="any"), cell(1, 2)).verdict == "supported"
    assert verdict(claim(there, gone, holds="any"), cell(1, 0.5)).verdict == "not testable here"
    assert verdict(claim(gone, gone), cell(1, 2)).verdict == "not testable here"


def test_what_is_missing_is_no_reason_where_more_rounds_may_decide() -> None:
    """In noise that leans to the verdict which one test is enough for."""
    there, gone = ratio("w"), ratio("x")
    assert verdict(claim(there, gone, holds="any"), cell(1, 1.3), noise=0.4).verdict == "undecided"
    assert verdict(claim(there, gone), cell(1, 1.05), noise=0.4).verdict == "undecided"


def test_many_claims_are_adjusted_together() -> None:
    """A difference that is called alone, and not as one of forty."""
    evidence = Evidence(plan_of([cell(1, 1.05)]), launches_of([cell(1, 1.05)], noise=0.02), {})
    (alone,) = verdicts(claim(ratio()), evidence=evidence)
    together = verdicts(*[claim(ratio())] * 40, evidence=evidence)
    assert (alone.verdict, alone.family, {item.family for item in together}) == ("supported", 1, {40})
    assert {entry.verdict for entry in together} == {"undecided"}
    assert together[0].p == alone.p


def test_crossing_gives_the_size_from_which_the_interval_lies_above_one() -> None:
    sizes = [cell(1, speed, workload=f"n{n}", params={"n": n}) for n, speed in [(64, 1.0), (512, 1.5), (2048, 1.9)]]
    test = ratio("n2048", crossing={"param": "n", "workloads": ["n64", "n512", "n2048"]})
    assert "of n = 64, 512, 2048 the first interval above 1 is at 512" in verdict(claim(test), *sizes).found
    flat = [cell(1, 0.9, workload=name, params={"n": 1}) for name in ("n64", "n512", "n2048")]
    assert "no interval lies above 1" in verdict(claim(test), *flat).found
