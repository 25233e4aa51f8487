"""What a verdict on a claim is: one row of the table of claims."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from analysis.tables.columns import Told
from analysis.tables.tables import RowTable
from workloads.vocabulary.plan import Plan


class ClaimVerdict(StrEnum):
    """What a claim comes to."""

    SUPPORTED = "supported"
    REFUTED = "refuted"
    UNDECIDED = "undecided"
    NOT_HERE = "not testable here"

    @property
    def is_decided(self) -> bool:
        """Whether the data speak for the claim or against it."""
        return self in (ClaimVerdict.SUPPORTED, ClaimVerdict.REFUTED)


@dataclass(frozen=True)
class JudgedClaim:
    """A claim with its verdict; texts are empty and numbers None where there is nothing to say."""

    id: Annotated[str, Told("the claim's name in config/claims.yaml")]
    sentence: Annotated[str, Told("the claim, in our words")]
    source: Annotated[str, Told("who says it, in short")]
    title: Annotated[str, Told("the source in full")]
    verdict: Annotated[ClaimVerdict, Told("supported, refuted, undecided, or not testable here")]
    tests: Annotated[tuple[str, ...], Told("kinds of its tests")]
    found: Annotated[str, Told("what was found; the test on which the verdict hangs comes first")]
    reason: Annotated[str, Told("why there is no verdict")]
    refuted_by: Annotated[str, Told("what would refute the claim")]
    places: Annotated[tuple[str, ...], Told("SWEEP/WORKLOAD that was looked at, or a fact of the audit")]
    directories: Annotated[tuple[str, ...], Told("where those records are, below the machine's folder")]
    published: Annotated[str, Told("the number that the source has, and on what")] = ""
    figure: Annotated[str, Told("stem of the figure that shows it")] = ""
    measure: Annotated[str, Told("what the effect is: a speed-up, a ratio of two speed-ups, and so on")] = ""
    effect: Annotated[
        float | None, Told("the number on which the verdict hangs; none where a fact of the audit decides", "1")
    ] = None
    low: Annotated[float | None, Told("lower bound of its 95 % interval, for that test alone", "1")] = None
    high: Annotated[float | None, Told("upper bound", "1")] = None
    p: Annotated[float | None, Told("the smaller of the p for and the p against the claim", "1")] = None
    p_adjusted: Annotated[float | None, Told("after Holm's adjustment over the claims", "1")] = None
    family: Annotated[int, Told("claims that were adjusted together", "1")] = 0

    def with_figure(self, stem: str | None, known: Collection[str]) -> Self:
        """The same with its figure, if there is one of that name."""
        return replace(self, figure=stem if stem is not None and stem in known else "")


CLAIMS = RowTable("claims", JudgedClaim, "analysis.claims.judge")


def claims_told(root: Path, plan: Plan) -> list[JudgedClaim]:
    """The claims that a report tells: all; none where only users' models were measured, of which no guide speaks."""
    return CLAIMS.read(root) if any(cell.model is None for cell in plan.cells) else []
