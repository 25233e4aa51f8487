"""What a verdict on a claim is: one row of tables/claims.csv."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from analysis.tables.tables import CLAIMS, read_rows

SUPPORTED = "supported"
REFUTED = "refuted"
UNDECIDED = "undecided"
NOT_HERE = "not testable here"


@dataclass(frozen=True)
class Verdict:
    """One row of claims.csv; texts are empty and numbers None where there is nothing to say."""

    id: str
    sentence: str  # the claim in our words
    source: str  # short: G1
    title: str  # the source's author or kind, title, year
    verdict: str  # supported, refuted, undecided, not testable here
    tests: str  # their kinds, separated by spaces
    found: str  # a sentence made from the numbers; the test on which the verdict hangs comes first
    reason: str  # why there is no verdict, where something was missing
    refuted_by: str  # what would refute the claim
    places: str  # SWEEP/WORKLOAD of each cell that was looked at, or an audit's fact; separated by "; "
    directories: str  # where those cells' records lie, below the machine's folder; separated by spaces
    figure: str = ""  # stem of the figure that shows it; empty if this plan has none
    measure: str = ""  # what the effect is: a speed-up, a ratio of two speed-ups, ...
    effect: float | None = None  # a ratio
    low: float | None = None  # 95 % interval, for that test alone
    high: float | None = None
    p: float | None = None  # the smaller of the p for and the p against; None if decided without chance
    p_adjusted: float | None = None  # Holm, over the claims
    family: int = 0  # claims that were adjusted together

    def with_figure(self, stem: str | None, known: Collection[str]) -> Self:
        """The same with its figure, if there is one of that name."""
        return replace(self, figure=stem if stem is not None and stem in known else "")


def read_claims(root: Path) -> list[Verdict]:
    """The rows of tables/claims.csv of a machine's folder. Raises AnalysisError."""
    return read_rows(root / CLAIMS, Verdict, f"python -m analysis.claims.judge --results {root}")
