"""What each knob does in each image, side by side."""

from __future__ import annotations

from dataclasses import replace

from analysis.report.audits import side_by_side
from tests.made.simulated import simulated_audit
from workloads.vocabulary.inventory import Audit, AuditFinding, AuditStatus
from workloads.vocabulary.record import KnobValue


def _audit(*findings: tuple[str, KnobValue, AuditStatus]) -> Audit:
    return replace(simulated_audit(), findings=[AuditFinding(*finding, "seen") for finding in findings])


def test_values_that_images_disagree_on_come_first() -> None:
    stock = _audit(("intra_op", 1, AuditStatus.EFFECTIVE), ("OMP_NUM_THREADS", 1, AuditStatus.INERT))
    openmp = _audit(
        ("intra_op", 1, AuditStatus.EFFECTIVE),
        ("OMP_NUM_THREADS", 1, AuditStatus.EFFECTIVE),
        ("KMP_BLOCKTIME", 0, AuditStatus.NOT_TESTABLE),
    )
    first, second, third = side_by_side({"cpu": stock, "openmp": openmp})
    assert (first.knob, first.statuses) == ("OMP_NUM_THREADS", {"cpu": "inert", "openmp": "effective"})
    assert (second.knob, third.knob) == ("intra_op", "KMP_BLOCKTIME")
    assert third.statuses == {"cpu": None, "openmp": AuditStatus.NOT_TESTABLE}


def test_one_image_has_nothing_beside_it() -> None:
    assert side_by_side({"cpu": simulated_audit()}) == []
