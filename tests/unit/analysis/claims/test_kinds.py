"""The kinds of tests: each is a module of its own, and the file of claims knows every one."""

import importlib
import pkgutil
from dataclasses import replace
from typing import Any, get_args

import pytest

from analysis.claims import kinds
from analysis.claims.config import Test as AnyTest
from analysis.claims.kinds.average import average as average_of
from analysis.claims.kinds.hypothesis import Hypothesis
from analysis.claims.kinds.p_values import directed, equivalent
from analysis.comparisons.pairs import Evidence
from analysis.statistics.log_mean import LogMean
from tests.made.judged import cell, claim, ratio, verdict, verdicts
from tests.made.known_truth import ONE, TWO, launches_of, plan_of


def test_the_file_of_claims_knows_every_kind() -> None:
    for module in pkgutil.iter_modules(kinds.__path__):
        importlib.import_module(f"{kinds.__name__}.{module.name}")
    known = get_args(get_args(AnyTest)[0])
    assert set(Hypothesis.__subclasses__()) == set(known)
    assert len({kind.model_fields["test"].annotation for kind in known}) == len(known)


@pytest.mark.parametrize("mean", [-0.2, -0.01, 0.0, 0.01, 0.2])
def test_different_is_the_contrary_of_equivalent(mean: float) -> None:
    measured = LogMean(mean, 0.01, 9)
    same, different = equivalent(measured, 0.02), directed(measured, "different", 0.02)
    assert (different.p_for, different.p_against) == (same.p_against, same.p_for)
    assert (different.p_for < 0.05) == (abs(mean) == 0.2)


def average(*workloads: str, **more: Any) -> dict[str, Any]:
    return {"test": "average", "sweep": "s", "workloads": list(workloads), "setting": TWO, "against": ONE, **more}


def test_an_average_is_the_geometric_mean_over_workloads_with_wins_and_losses() -> None:
    cells = [cell(1.0, speed, workload=name) for name, speed in (("a", 1.5), ("b", 1.2), ("c", 0.9))]
    judged = verdict(claim(average("a", "b", "c")), *cells)
    assert judged.verdict == "supported"
    assert judged.effect == pytest.approx((1.5 * 1.2 * 0.9) ** (1 / 3), rel=0.02)
    assert judged.measure == "geometric mean of speed-ups"
    assert "2 faster and 1 slower by 2 % or more" in judged.found
    assert verdict(claim(average("a", "b", "c", margin=0.5)), *cells).verdict == "refuted"


def test_an_average_over_what_was_measured_says_what_is_missing() -> None:
    cells = [cell(1.0, 1.5, workload=name) for name in ("a", "b")]
    assert "does not measure absent" in verdict(claim(average("a", "b", "absent")), *cells).found
    assert verdict(claim(average("a", "absent")), *cells).verdict == "not testable here"


def test_the_average_s_error_is_that_of_independent_means() -> None:
    means = [LogMean(0.2, 0.03, 4), LogMean(0.4, 0.04, 4)]
    mean = average_of(means)
    assert (mean.mean, mean.error) == (pytest.approx(0.3), pytest.approx(0.025))
    assert 4 < mean.freedom < 8


def test_presets_are_named_in_claims_and_two_that_are_one_setting_cannot_be_compared() -> None:
    truth = cell(1.0, 1.5)
    plan = plan_of([truth])
    one, two = plan.cells[0].settings[:2]
    presets = {"zoo": two.id, "guide": one.id, "other-guide": one.id}
    evidence = Evidence(
        replace(plan, cells=[replace(plan.cells[0], presets=presets)]), launches_of([truth], noise=0.01), {}
    )

    def named(setting: str, against: str) -> dict[str, Any]:
        return claim(ratio() | {"setting": {"preset": setting}, "against": {"preset": against}})

    zoo, same, absent = verdicts(
        named("zoo", "guide"), named("other-guide", "guide"), named("x", "guide"), evidence=evidence
    )
    assert (zoo.verdict, same.verdict, absent.verdict) == ("supported", "not testable here", "not testable here")
    assert "on this machine other-guide and guide are the same setting" in same.reason.lower()
    assert "has no preset x" in absent.reason


def test_the_source_s_number_stands_beside_ours() -> None:
    assert verdict(claim(ratio(), published="1.5× on 24 cores"), cell(1.0, 1.5)).published == "1.5× on 24 cores"
