"""What every kind of test has in common: what it looks at, and what it says."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from analysis.claims.evidence import Contrast
from analysis.claims.kinds.p_values import BothSides
from analysis.comparisons.pairs import Evidence, NotTestableError
from analysis.records.written import Written
from analysis.statistics.log_mean import LogMean
from analysis.wording import interval, ratio
from workloads.vocabulary.plan import Cell
from workloads.vocabulary.validation import Strict

Wanted = TypeVar("Wanted")
Present = TypeVar("Present")


@dataclass(frozen=True)
class Reference:
    """A cell that a test looks at, and the settings of it that it names."""

    sweep: str
    workload: str
    settings: list[Written]

    @classmethod
    def of(cls, contrast: Contrast) -> Reference:
        """What a contrast looks at."""
        return cls(contrast.sweep, contrast.workload, [contrast.setting, contrast.against])


@dataclass(frozen=True)
class Outcome:
    """What one test says."""

    p_for: float | None  # None: decided without chance, by an audit
    p_against: float | None
    words: str
    places: tuple[str, ...] = ()  # SWEEP/WORKLOAD
    directories: tuple[str, ...] = ()  # where those cells' records lie
    measure: str = ""  # what the effect is a number of
    effect: float | None = None
    low: float | None = None  # 95 % interval, for this test alone
    high: float | None = None
    holds: bool | None = None  # of an audit: whether it is as the claim says


class Hypothesis(Strict, ABC):
    """A test of a claim, as the file of claims has it. A kind adds a field `test`, a literal with the kind's name."""

    @abstractmethod
    def references(self) -> Iterator[Reference]:
        """All cells and settings that the test names."""

    @abstractmethod
    def run(self, evidence: Evidence) -> Outcome:
        """Raises NotTestableError or UndecidedError with the reason why the test says nothing."""


def outcome(mean: LogMean, p: BothSides, measure: str, words: str, cells: list[Cell]) -> Outcome:
    """The outcome of a test whose effect is `mean`, a number of `measure`."""
    low, high = mean.interval
    return Outcome(
        p_for=p.p_for,
        p_against=p.p_against,
        words=f"{words}: {told(mean)}",
        places=tuple(dict.fromkeys(f"{cell.sweep}/{cell.workload}" for cell in cells)),
        directories=tuple(dict.fromkeys(cell.directory for cell in cells)),
        measure=measure,
        effect=mean.ratio,
        low=low,
        high=high,
    )


def told(mean: LogMean) -> str:
    """A ratio in words: `1.3× (95 % interval 1.2 to 1.4)`."""
    return f"{ratio(mean.ratio)} (95 % interval {interval(*mean.interval)})"


def at_least_two(wanted: Sequence[Wanted], find: Callable[[Wanted], Present]) -> tuple[dict[int, Present], str]:
    """Those of a list that are there, by their places in it, and what is missing, as the end of a sentence.

    Raises NotTestableError if there are not two.
    """
    present: dict[int, Present] = {}
    missing: list[str] = []
    for place, wish in enumerate(wanted):
        try:
            present[place] = find(wish)
        except NotTestableError as reason:
            missing.append(str(reason))
    if len(present) < 2:
        raise NotTestableError("; ".join(dict.fromkeys(missing)))
    return present, "".join(f"; {reason}" for reason in dict.fromkeys(missing))
