"""What the report says of the variables that the images ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from analysis.tables.census import VariableRow
from workloads.vocabulary.census import Census, Standing
from workloads.vocabulary.inventory import Audit

# So many places, or phases, a row names; the others it counts.
_PLACES = 3


@dataclass(frozen=True)
class VariableInImages:
    """A variable that some image reads, or that the catalogue has."""

    variable: str
    standings: dict[str, str]  # by image
    by: str
    phases: str
    calls: int
    known: str

    @property
    def differs(self) -> bool:
        """Whether it is something else in another image."""
        return len(set(self.standings.values())) > 1


@dataclass(frozen=True)
class CensusTold:
    """The censuses of all images."""

    of_images: dict[str, Census]
    rows: list[VariableInImages]  # those that differ from image to image first
    unread: dict[str, list[str]]  # by image: names that stand in its libraries and that no phase asked for

    @property
    def steady(self) -> dict[str, int]:
        """By image: variables that are still asked for once everything has been called before."""
        return {
            image: len({read.variable for read in census.reads if any("steady calls" in name for name in read.phases)})
            for image, census in self.of_images.items()
        }


def told(audits: Mapping[str, Audit], rows: Iterable[VariableRow]) -> CensusTold | None:
    """The censuses side by side; None where no audit has one."""
    of_images = {image: audit.census for image, audit in audits.items() if audit.census is not None}
    if not of_images:
        return None
    variables: dict[str, list[VariableRow]] = {}
    unread: dict[str, list[str]] = {image: [] for image in of_images}
    for row in rows:
        variables.setdefault(row.variable, []).append(row)
        if row.standing == Standing.UNREAD:
            unread[row.image].append(row.variable)
    asked = [own for own in variables.values() if any(row.calls or row.is_knob for row in own)]
    return CensusTold(
        of_images,
        sorted((_side_by_side(own, list(of_images)) for own in asked), key=lambda row: not row.differs),
        unread,
    )


def standings(rows: Iterable[VariableInImages], image: str) -> Counter[str]:
    """How many of these variables are what in an image."""
    return Counter(row.standings[image] for row in rows)


def _side_by_side(rows: Sequence[VariableRow], images: Sequence[str]) -> VariableInImages:
    fullest = max(rows, key=lambda row: (row.standing == Standing.TENSORFLOW, row.calls))
    standings = dict.fromkeys(images, Standing.ABSENT.value) | {row.image: row.standing for row in rows}
    return VariableInImages(
        variable=fullest.variable,
        standings=standings,
        by=_first(fullest.by),
        phases=_first(fullest.phases),
        calls=fullest.calls,
        known=fullest.known,
    )


def _first(words: Sequence[str]) -> str:
    more = f" and {len(words) - _PLACES} more" if len(words) > _PLACES else ""
    return f"{', '.join(words[:_PLACES])}{more}"
