"""Which comparisons are of settings that differ in nothing."""

from dataclasses import replace

import pytest

from analysis.comparisons.comparison import Comparison
from analysis.comparisons.negative_controls import false_differences, is_within, negative_controls
from analysis.comparisons.verdict import Verdict
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


def _called(setting: str, ratio: float, verdict: Verdict) -> Comparison:
    return Comparison(
        *("sweep", "w", "definition", setting, setting, "base", "defaults"),
        rounds=5,
        pairs=5,
        missing=0,
        verdict=verdict,
        ratio=ratio,
        low=ratio * 0.98,
        high=ratio * 1.02,
    )


def test_a_negative_control_that_is_called_a_difference_tells_how_much_chance_makes() -> None:
    control, small = _called("control", 0.94, Verdict.SLOWER), _called("small", 1.07, Verdict.FASTER)
    large, slower = _called("large", 1.20, Verdict.FASTER), _called("slower", 0.80, Verdict.SLOWER)
    controls = {("definition", "control")}
    largest = false_differences([control, small, large], controls)
    assert largest == {"sweep": pytest.approx(1 / 0.94)}
    within = [row.setting for row in (control, small, large, slower) if is_within(row, controls, largest)]
    assert within == ["small"]
    quiet = _called("control", 1.0, Verdict.EQUIVALENT)
    assert false_differences([quiet, small], controls) == {}
