"""Facts from probes made by hand: each holds on the known truth, fails on its opposite, is open where all is dark."""

from __future__ import annotations

from dataclasses import replace

import pytest

from containers.audit.facts import Outcome, facts, trials
from containers.audit.rules import Died
from tests.unit.containers.audit.test_rules import CENSUS, FRAMEWORK, PLAIN
from workloads.harness.probe import Late
from workloads.vocabulary.census import Census, VariableRead

OUTCOMES: dict[str, Outcome] = {
    "plain": PLAIN,
    "environment": replace(PLAIN, intra_threads=3, inter_threads=3),
    "both": replace(PLAIN, intra_threads=4, inter_threads=4),
    "quota": replace(PLAIN, throttled_s=1.5),
    "late": replace(PLAIN, late=Late("RuntimeError: too late", 0, True)),
    "intra -1": Died("the process was ended by SIGABRT: Check failed"),
    "inter -1": PLAIN,
    **dict.fromkeys(("abc", "3.5", "0"), PLAIN),
}


def holds(**other: Outcome) -> dict[str, bool | None]:
    return {fact.id: fact.holds for fact in facts(OUTCOMES | other, 2, CENSUS)}


def test_each_fact_has_its_probe_and_all_hold() -> None:
    assert set(OUTCOMES) == set(trials(2))
    assert len(set(trials(2).values())) == len(OUTCOMES)
    result = holds()
    assert len(result) == 12
    assert set(result.values()) == {True}


@pytest.mark.parametrize(
    ("name", "outcome", "fact"),
    [
        ("plain", replace(PLAIN, kernels=["gemm_api"]), "onednn-kernels"),
        ("plain", replace(PLAIN, runtime="OpenMP"), "onednn-kernels"),
        ("plain", replace(PLAIN, libraries=["libiomp5.so"]), "no-openmp"),
        ("both", OUTCOMES["environment"], "api-beats-environment"),
        ("environment", PLAIN, "environment-beats-default"),
        ("quota", replace(PLAIN, intra_threads=1), "quota-ignored"),
        ("late", replace(PLAIN, late=Late("", 0, True)), "api-too-late"),
        ("late", replace(PLAIN, late=Late("x", 5, True)), "environment-too-late"),
        ("late", replace(PLAIN, late=Late("x", 0, False)), "environment-too-late"),
        ("environment", replace(PLAIN, intra_threads=3, inter_threads=3, getters=[3, 3]), "getter-answers-zero"),
        ("3.5", replace(PLAIN, inter_threads=3), "bad-environment-is-default"),
        ("intra -1", PLAIN, "intra-minus-one-aborts"),
        ("intra -1", Died("the process ended with exit status 1: x"), "intra-minus-one-aborts"),
        ("inter -1", replace(PLAIN, inter_threads=1), "inter-minus-one-is-default"),
    ],
)
def test_a_fact_fails_on_its_opposite(name: str, outcome: Outcome, fact: str) -> None:
    assert holds(**{name: outcome})[fact] is False


def test_what_could_not_be_seen_stays_open() -> None:
    blind = replace(PLAIN, intra_threads=None, inter_threads=None, runtime=None)
    result = holds(**{name: blind for name in OUTCOMES if name != "intra -1"})
    assert {name for name, held in result.items() if held is None} == set(result) - {
        "no-openmp",
        "openmp-unread",
        "intra-minus-one-aborts",
    }


@pytest.mark.parametrize(
    ("census", "holds", "evidence"),
    [
        (CENSUS, True, "others ask: OMP_NUM_THREADS by numpy.libs/libopenblas.so"),
        (replace(CENSUS, reads=[]), True, "nobody asks for one"),
        (
            replace(CENSUS, reads=[*CENSUS.reads, VariableRead("KMP_BLOCKTIME", FRAMEWORK, {"import": 1})]),
            False,
            f"KMP_BLOCKTIME by {FRAMEWORK}",
        ),
        (
            replace(CENSUS, hidden={"KMP_AFFINITY": ["libiomp5.so"]}),
            False,
            "KMP_AFFINITY by libiomp5.so, which may look at all variables itself",
        ),
        (replace(CENSUS, not_noted=1), None, "there was no room for all questions"),
    ],
)
def test_who_asks_for_openmp_s_variables_is_told_from_the_census(
    census: Census, holds: bool | None, evidence: str
) -> None:
    fact = next(fact for fact in facts(OUTCOMES, 2, census) if fact.id == "openmp-unread")
    assert (fact.holds, fact.evidence) == (holds, evidence)
