"""What is said of a cell's best setting, on comparisons made by hand."""

from dataclasses import replace

import pytest
import records

from analysis.comparison import FASTER, SLOWER, UNRESOLVED, Comparison
from analysis.findings import best_settings

CELL = records.cell(settings=3)
ROW = Comparison(
    *(CELL.sweep, CELL.workload, CELL.definition, "", "", CELL.baseline, "intra_op=1"),
    rounds=2,
    pairs=2,
    missing=0,
    verdict="",
    directory=CELL.directory,
)


def words(*seen: tuple[str, float]) -> tuple[str, str]:
    """The setting that is named as the best, and why, for comparisons of these verdicts and speed-ups."""
    rows = [
        replace(ROW, setting=setting.id, label=setting.label, verdict=verdict, speedup=speedup)
        for setting, (verdict, speedup) in zip(CELL.settings[1:], seen, strict=True)
    ]
    best = best_settings(records.plan(CELL), rows)[0]
    return best.setting, best.words


@pytest.mark.parametrize(
    ("seen", "setting", "why"),
    [
        (((FASTER, 1.2), (FASTER, 1.5)), "`intra_op=3`", "faster than `intra_op=1`"),
        (((FASTER, 1.2), (UNRESOLVED, 1.9)), "`intra_op=2`", "faster than `intra_op=1`"),
        (
            ((SLOWER, 0.9), (SLOWER, 0.5)),
            "`intra_op=1` (the baseline)",
            "every other setting is slower; the closest is",
        ),
        (((SLOWER, 0.9), (UNRESOLVED, 0.5)), "`intra_op=1` (the baseline)", "no setting is resolved as faster"),
    ],
)
def test_the_best_setting_is_one_that_is_resolved_as_faster_or_the_baseline(
    seen: tuple[tuple[str, float], tuple[str, float]], setting: str, why: str
) -> None:
    named, reason = words(*seen)
    assert named == setting
    assert reason.startswith(why)
