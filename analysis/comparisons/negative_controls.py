"""Comparisons of settings that differ in nothing: by the audit, nothing reads what is other in one of them. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from analysis.comparisons.comparison import Comparison
from workloads.vocabulary.inventory import Audit, AuditStatus
from workloads.vocabulary.plan import Plan, baseline_of, image_of
from workloads.vocabulary.record import written

# The definition of a cell, and the identity of its setting.
Control = tuple[str, str]


# An image, a knob, and a value of it as text: 1 and "1" are one value of a variable.
KnobSet = tuple[str, str, str]


def inert_values(audits: Sequence[Audit]) -> set[KnobSet]:
    """What does nothing by the audits; by image, for another build may read what this one does not."""
    return {
        (audit.image.name, finding.knob, written(finding.value))
        for audit in audits
        for finding in audit.findings
        if finding.status is AuditStatus.INERT
    }


def negative_controls(plan: Plan, audits: Sequence[Audit]) -> set[Control]:
    """The comparisons in which all that differs from the baseline is inert by the audit."""
    inert = inert_values(audits)
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


def false_differences(compared: Iterable[Comparison], controls: Collection[Control]) -> dict[str, float]:
    """Sweep -> the largest negative control in it that is called a difference, as a ratio above 1.

    So large a difference is chance there, so no verdict of that sweep is sure whose interval begins below it.
    """
    largest: dict[str, float] = {}
    for comparison in compared:
        if comparison.verdict.is_difference and comparison.ratio and _key(comparison) in controls:
            size = max(comparison.ratio, 1 / comparison.ratio)
            largest[comparison.sweep] = max(size, largest.get(comparison.sweep, 1.0))
    return largest


def is_within(comparison: Comparison, controls: Collection[Control], largest: Mapping[str, float]) -> bool:
    """Whether a comparison is called a difference, and may be no larger than a false one of its sweep."""
    size = largest.get(comparison.sweep)
    if size is None or not comparison.verdict.is_difference or _key(comparison) in controls:
        return False
    return comparison.low is None or comparison.high is None or (comparison.low < size and 1 / comparison.high < size)


def _key(comparison: Comparison) -> Control:
    return comparison.definition, comparison.setting
