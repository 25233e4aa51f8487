"""Which comparisons are of settings that differ in nothing."""

from dataclasses import replace

import pytest

from analysis.comparisons.negative_controls import negative_controls
from tests.made.simulated import SimulatedCell, simulated_audit, simulated_plan
from workloads.vocabulary.inventory import AuditFinding, AuditStatus
from workloads.vocabulary.record import KnobValue


@pytest.mark.parametrize("value", [1, "1"])
def test_a_comparison_of_inert_values_is_a_negative_control(value: KnobValue) -> None:
    settings: list[dict[str, KnobValue]] = [
        {"OMP_NUM_THREADS": None},
        {"OMP_NUM_THREADS": value},
        {"OMP_NUM_THREADS": 2},
    ]
    plan = simulated_plan([SimulatedCell("openmp", "w", settings, [1.0] * 3)])
    audit = simulated_audit()
    cell = plan.cells[0]
    assert negative_controls(plan, [audit]) == {(cell.definition, cell.settings[1].id)}
    effective = [AuditFinding("OMP_NUM_THREADS", "1", "effective", "it did something")]
    assert negative_controls(plan, [replace(audit, findings=effective)]) == set()


def test_what_one_image_does_not_read_another_may() -> None:
    settings: list[dict[str, KnobValue]] = [{"OMP_NUM_THREADS": None}, {"OMP_NUM_THREADS": "1"}]
    plan = simulated_plan([SimulatedCell(name, "w", settings, [1.0] * 2) for name in ("stock", "openmp")])
    stock, other = plan.cells
    plan = replace(plan, cells=[stock, replace(other, fixed={"image": "openmp"})])
    inert, effective = (
        AuditFinding("OMP_NUM_THREADS", "1", status, "seen") for status in (AuditStatus.INERT, AuditStatus.EFFECTIVE)
    )
    audit = simulated_audit()
    audits = [
        replace(audit, findings=[inert]),
        replace(audit, image=replace(audit.image, name="openmp"), findings=[effective]),
    ]
    assert negative_controls(plan, audits) == {(stock.definition, stock.settings[1].id)}
