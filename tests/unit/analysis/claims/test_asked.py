"""A report tells the claims that its config asks, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.claims.config import Claim, read_file
from analysis.claims.verdict import CLAIMS
from tests.made.analysed import make_tables
from tests.made.simulated import switch, write_simulated_machine

SHIPPED = Path(__file__).parents[4] / "config/claims.yaml"


def test_a_machine_s_claims_are_those_that_its_sweeps_serve(tmp_path: Path) -> None:
    write_simulated_machine(tmp_path, [switch(rounds=3)])
    make_tables(tmp_path)
    told = {row.id for row in CLAIMS.read(tmp_path)}
    wanted = {
        claim.id
        for claim in read_file(SHIPPED).claims
        if (not (named := {reference.sweep for test in claim.tests for reference in test.references()}) and claim.tests)
        or "onednn" in named
    }
    assert told == wanted
    assert 0 < len(told) < len(read_file(SHIPPED).claims)


@pytest.mark.parametrize(("beside", "told"), [(None, True), ("onednn", True), ("gpu-threads", False)])
def test_a_claim_without_tests_is_told_beside_its_sweep(beside: str | None, told: bool) -> None:
    claim = Claim(id="c", sentence="s", source="G", untested="no test can", refuted_by="nothing", beside=beside)
    assert claim.is_asked(["onednn"]) is told
