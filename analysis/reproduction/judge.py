"""Two runs of one config, the original and one made again: what is reproduced, and on what evidence.

Writes report.md, report.html, comparisons.csv and claims.csv; the rule is in analysis.reproduction.rules, the badges in
analysis.reproduction.badges. `make reproduce BUNDLE=FILE` verifies and unpacks a bundle, runs its config here, and
ends with this.
"""

from collections import Counter
from pathlib import Path

from analysis import wording
from analysis.bundle.contents import SUITE
from analysis.claims.config import read_file
from analysis.machines.environments import properties
from analysis.machines.machine_run import read_measured
from analysis.records.machine_folders import the_machine_folder
from analysis.report import page as html
from analysis.report.pages import relative, render
from analysis.reproduction.badges import badges
from analysis.reproduction.rules import AGREEMENT, ClaimReproduction, Reproduction, claims, comparisons, stated
from analysis.reproduction.start import read_checked
from analysis.statistics.log_mean import ALPHA
from analysis.tables.as_csv import write_rows_csv
from analysis.workflow.stages import claims_of
from workloads.vocabulary.documents import write_text


def write(original_folder: Path, again_folder: Path, out: Path, claims_path: Path | None) -> str:
    """Make the report below `out`, and say in one line what it comes to. Raises AnalysisError.

    Both runs are judged by one file of claims: that which came with the original, where there is one.
    """
    roots = the_machine_folder(original_folder), the_machine_folder(again_folder)
    original, again = (read_measured(root) for root in roots)
    own = claims_of(original.evidence.plan)
    came_along = roots[0] / SUITE / own
    claims_path = claims_path or (came_along if came_along.is_file() else Path(own))
    compared, judged = comparisons(original, again), claims(original, again, read_file(claims_path))
    results = [reproduction.result for reproduction in compared] + [claim.result for claim in judged]
    write_rows_csv(compared, Reproduction, out / "comparisons.csv")
    write_rows_csv(judged, ClaimReproduction, out / "claims.csv")
    report = out / "report.md"
    text = render(
        "reproduction.md.j2",
        original=original,
        again=again,
        original_report=relative(roots[0] / "report.md", out),
        again_report=relative(roots[1] / "report.md", out),
        properties=properties([original, again]),
        badges=badges(original, again, read_checked(out), stated(compared, judged)),
        comparisons=compared,
        claims=judged,
        agreement=wording.margin(AGREEMENT),
        alpha=wording.margin(ALPHA),
    )
    write_text(report, text)
    html.write(report.parent)
    told = ", ".join(f"{number} {result}" for result, number in Counter(results).most_common())
    return f"{told}; the report is {report}"
