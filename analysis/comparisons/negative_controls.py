"""Comparisons of settings that differ in nothing: by the audit, nothing reads what is other in one of them. Pure."""

from collections.abc import Sequence

from workloads.vocabulary.inventory import Audit, AuditStatus
from workloads.vocabulary.plan import Plan, baseline_of, image_of
from workloads.vocabulary.record import written

# The definition of a cell, and the identity of its setting.
Control = tuple[str, str]


def negative_controls(plan: Plan, audits: Sequence[Audit]) -> set[Control]:
    """The comparisons in which all that differs from the baseline is inert by the audit."""
    # As text: 1 and "1" are one value of a variable. By image: another build may read what this one does not.
    inert = {
        (audit.image.name, finding.knob, written(finding.value))
        for audit in audits
        for finding in audit.findings
        if finding.status is AuditStatus.INERT
    }
    controls = set()
    for cell in plan.cells:
        baseline = baseline_of(cell)
        for setting in cell.settings:
            changed = [
                (image_of(cell, setting), knob, written(value))
                for knob, value in setting.resolved.items()
                if value != baseline.resolved.get(knob)
            ]
            if changed and all(value in inert for value in changed):
                controls.add((cell.definition, setting.id))
    return controls
