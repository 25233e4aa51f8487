"""The claims and the configs that are shipped fit together."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis import claims
from analysis.claim_config import read_file

ROOT = Path(__file__).parents[2]
CLAIMS = ROOT / "config/claims.yaml"


@pytest.mark.parametrize("config", ["default", "full"])
def test_every_claim_names_what_the_config_measures(config: str) -> None:
    assert claims.main(["--check", str(CLAIMS), str(ROOT / f"config/{config}.yaml")]) == 0


def test_a_claim_that_names_no_sweep_of_the_config_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "claims.yaml"
    wrong.write_text(CLAIMS.read_text().replace("sweep: branching,", "sweep: branchings,", 1))
    assert claims.main(["--check", str(wrong), str(ROOT / "config/default.yaml")]) == 2
    assert "did you mean 'branching'?" in capsys.readouterr().err


def test_all_rows_of_the_two_guides_are_claims() -> None:
    found = read_file(CLAIMS)
    assert len(found.claims) == 20
    assert {claim.source for claim in found.claims} == {"G1", "G2"}
