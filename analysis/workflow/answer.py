"""What a run says on the terminal when it ends: its answer, a line each for what to set, gain, cost, claims."""

from collections import Counter
from pathlib import Path

from analysis.claims.verdict import CLAIMS, claims_told
from analysis.recommendations.overview import OVERVIEW, sentences
from analysis.records.folder import read_plan


def answer(root: Path) -> list[str]:
    """The lines on the machine's folder `root`; none where it has no tables yet. Raises AnalysisError."""
    if not (root / OVERVIEW.file).is_file() or not (root / CLAIMS.file).is_file():
        return []
    counted = Counter(claim.verdict for claim in claims_told(root, read_plan(root)))
    tally = ", ".join(f"{number} {verdict}" for verdict, number in counted.most_common())
    return [*sentences(OVERVIEW.read(root)), *([f"Claims: {tally}."] if tally else [])]
