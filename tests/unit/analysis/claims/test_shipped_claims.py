"""The claims and the configs that are shipped fit together."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from analysis.claims.__main__ import main
from analysis.claims.check import Sweep
from analysis.claims.config import read_file
from analysis.comparisons.pairs import Evidence, NotTestableError, UndecidedError
from containers.plan.config import validate
from tests.made.known_truth import Truth, launches_of, plan_of
from workloads.vocabulary.inventory import Audit, AuditFact
from workloads.vocabulary.record import ImageIdentity
from workloads.vocabulary.validation import read_yaml

ROOT = Path(__file__).parents[4]
CLAIMS = ROOT / "config/claims.yaml"


@pytest.mark.parametrize("config", ["default", "full"])
def test_every_claim_names_what_the_config_measures(config: str) -> None:
    assert main([str(CLAIMS), str(ROOT / f"config/{config}.yaml")]) == 0


@pytest.mark.parametrize("claims", sorted((ROOT / "config/claims").glob("*.yaml")), ids=lambda path: str(path.stem))
def test_a_file_of_claims_serves_the_config_that_names_it(claims: Path) -> None:
    config = ROOT / "config" / claims.name
    assert validate(read_yaml(config, "restore it")).claims == str(claims.relative_to(ROOT))
    assert main([str(claims), str(config)]) == 0


def test_a_claim_that_names_no_sweep_of_the_config_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "claims.yaml"
    wrong.write_text(CLAIMS.read_text().replace("sweep: branching,", "sweep: branchings,", 1))
    assert main([str(wrong), str(ROOT / "config/default.yaml")]) == 2
    assert "did you mean 'branching'?" in capsys.readouterr().err


def test_all_rows_of_the_two_guides_are_claims() -> None:
    result = read_file(CLAIMS)
    assert len(result.claims) == 20
    assert {claim.source for claim in result.claims} == {"G1", "G2"}


def test_the_rounds_of_the_quick_config_say_something_to_every_kind_of_test() -> None:
    """Ratio, equivalence, interaction, ordered, regret, rank reversal and audit: none of them is left out."""
    config = read_yaml(ROOT / "config/quick.yaml", "restore it")
    sweeps = {name: Sweep.model_validate(sweep) for name, sweep in config["sweeps"].items()}
    truths = [
        Truth(name, workload, [(setting, 1.0) for setting in sweep.all_settings()], rounds=config["rounds"])
        for name, sweep in sweeps.items()
        for workload in sweep.workloads
    ]
    tests = [test for claim in read_file(CLAIMS).claims for test in claim.tests]
    facts = [AuditFact(test.fact, "simulated", True, "") for test in tests if test.test == "audit"]
    audit = Audit(ImageIdentity("cpu", "", ""), "m", [], facts, probes=1, seconds=1.0)
    evidence = Evidence(plan_of(truths), launches_of(truths), {"cpu": audit})

    said = set()
    for test in tests:
        with suppress(NotTestableError, UndecidedError):
            test.run(evidence)
            said.add(test.test)
    assert said == {"ratio", "equivalence", "interaction", "ordered", "regret", "rank_reversal", "audit"}
