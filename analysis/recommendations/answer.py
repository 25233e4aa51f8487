"""The answer of `make tune` in five lines: the setting, its gain, tails and memory, what was tried, where it all is.

python -m analysis.recommendations.answer --results results/tune/MODEL/MACHINE
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.comparisons.metrics import METRICS, first_metric
from analysis.comparisons.valid_launches import counting
from analysis.decisions.search_result import SEARCHES
from analysis.recommendations.names import SUFFIXES
from analysis.recommendations.recommendation_row import RECOMMENDATIONS, RecommendationRow
from analysis.records.folder import read_plan
from analysis.tables.tables import read_launches
from analysis.wording import call_time, interval, ratio
from workloads.vocabulary import amounts
from workloads.vocabulary.command_line import stage
from workloads.vocabulary.errors import AnalysisError
from workloads.vocabulary.plan import Cell

# What is told beside the goal, where it is known.
_TAILS = {"median_s": "median call", "p90_s": "p90", "p99_s": "p99"}


def answer(root: Path) -> list[str]:
    """The lines on the only recommendation of the machine's folder `root`. Raises AnalysisError."""
    plan, rows = read_plan(root), RECOMMENDATIONS.read(root)
    if len(rows) != 1:
        raise AnalysisError(f"{root} holds {len(rows)} recommendations, not one", "read its report.md")
    row = rows[0]
    cell = next(cell for cell in plan.cells if cell.definition == row.definition)
    launches = counting(read_launches(root))
    launches = launches[launches["definition"] == row.definition]
    stem = row.file.removesuffix(SUFFIXES[0])
    pasted = ", ".join(SUFFIXES)
    return [
        f"Run it with  {row.run_with}",
        f"Gain         {_gain(row, cell)}",
        f"It takes     {_taken(launches, row, cell)}",
        f"Tried        {_tried(root, cell, launches)}",
        f"Report       {root}/report.html; to paste: {root}/{stem} with {pasted}",
    ]


def _gain(row: RecommendationRow, cell: Cell) -> str:
    name = METRICS[first_metric(cell).name].title
    if row.gain is None:
        return f"not known: {row.words}"
    if not row.stays:
        return f"{ratio(row.gain)} over the defaults in {name} (95 % interval {interval(row.low, row.high)})"
    if not row.rival:
        return f"none: {row.words}"
    return (
        f"none that is sure: the best of the others, {row.rival}, comes to {ratio(row.rival_gain)} in {name}"
        f" (95 % interval {interval(row.rival_low, row.rival_high)})"
    )


def _taken(launches: pd.DataFrame, row: RecommendationRow, cell: Cell) -> str:
    words = _of(launches, row.setting)
    if row.stays:
        return words
    return f"{words}; the defaults: {_of(launches, cell.baseline)}"


def _of(launches: pd.DataFrame, setting: str) -> str:
    own = launches[launches["setting"] == setting]
    tails = [
        f"{words} {call_time(float(own[column].median()))}"
        for column, words in _TAILS.items()
        if column in own and own[column].notna().any()
    ]
    memory = amounts.size(int(own["peak_rss_bytes"].max())) if len(own) else amounts.UNKNOWN
    return ", ".join([*tails, f"{memory} of memory"])


def _tried(root: Path, cell: Cell, launches: pd.DataFrame) -> str:
    results = [result for result in SEARCHES.read(root) if result.definition == cell.definition]
    made = results[0].launches if results else len(launches)
    sure = ""
    if results and results[0].near_best is not None:
        sure = f"; probability that none of them is more than 2 % faster: at least {results[0].near_best:.2f}"
    return f"{len(cell.settings)} settings in {made} launches{sure}"


def tell(root: Path) -> None:
    """Print the answer. Raises AnalysisError."""
    print("\n".join(answer(root)))


main = stage(tell)


if __name__ == "__main__":
    raise SystemExit(main())
