"""What each knob does in each image, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workloads.vocabulary.inventory import Audit, AuditStatus
from workloads.vocabulary.record import KnobValue


@dataclass(frozen=True)
class KnobInImages:
    """A value of a knob, and what it did in each image."""

    knob: str
    value: KnobValue
    statuses: dict[str, AuditStatus | None]  # by image; None where it was not probed

    @property
    def differs(self) -> bool:
        """Whether two images that probed it disagree."""
        return len({status for status in self.statuses.values() if status is not None}) > 1


def side_by_side(audits: Mapping[str, Audit]) -> list[KnobInImages]:
    """A row for each value that was probed, those that images disagree on first; none where there is one image."""
    if len(audits) < 2:
        return []
    seen: dict[tuple[str, str], KnobInImages] = {}
    for image, audit in audits.items():
        for finding in audit.findings:
            key = finding.knob, repr(finding.value)
            row = seen.setdefault(key, KnobInImages(finding.knob, finding.value, dict.fromkeys(audits)))
            row.statuses[image] = finding.status
    return sorted(seen.values(), key=lambda row: not row.differs)
