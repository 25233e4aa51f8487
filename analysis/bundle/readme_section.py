"""Writes the README's section on a published run, from the run's bundle.

python -m analysis.bundle.readme_section --bundle results/published/MACHINE.tar.xz --readme README.md
"""

import math
import re
from pathlib import Path

from analysis.bundle.archive import unpack
from analysis.bundle.contents import of_origin
from analysis.bundle.rebuild import laid_out, make_tables
from analysis.claims.verdict import CLAIMS
from analysis.comparisons.comparison import COMPARISONS, Comparison, of_first_metric
from analysis.recommendations.overview import OVERVIEW, sentences
from analysis.records.folder import read_machine, read_plan, read_receipts
from analysis.report import pages
from analysis.report.markdown import code
from workloads.vocabulary.command_line import parser_of
from workloads.vocabulary.documents import write_text
from workloads.vocabulary.errors import AnalysisError, command
from workloads.vocabulary.plan import Plan

HEADING = "## A real run"

# How many sweeps the section shows.
EFFECTS = 5


def section(root: Path, place: str) -> str:
    """The section on the run whose folder is `root`; its links lead below `place`. Raises AnalysisError."""
    plan, comparisons = read_plan(root), of_first_metric(COMPARISONS.read(root))
    versions = [str(receipt.tensorflow.get("version", "unknown")) for receipt in read_receipts(root).values()]
    return pages.render(
        "readme.md.j2",
        place=place,
        machine=read_machine(root),
        tensorflow=list(dict.fromkeys(versions)),
        answer=" ".join(sentences(OVERVIEW.read(root), code)),
        effects=largest_effects(plan, comparisons),
        comparisons=comparisons,
        claims=CLAIMS.read(root),
    )


def largest_effects(plan: Plan, comparisons: list[Comparison]) -> list[tuple[str, Comparison]]:
    """(question, its largest difference) of the sweeps with the largest differences, the largest first."""
    questions = {cell.sweep: cell.question for cell in plan.cells}
    resolved = [comparison for comparison in comparisons if comparison.verdict.is_difference]
    resolved.sort(key=lambda comparison: -abs(math.log(comparison.ratio or 1.0)))
    largest: dict[str, Comparison] = {}
    for comparison in resolved:
        largest.setdefault(comparison.sweep, comparison)
    return [(questions[sweep], comparison) for sweep, comparison in largest.items()][:EFFECTS]


def write(bundle: Path, readme: Path) -> None:
    """Put the section on a bundle's run into the README in place of the one that is there. Raises AnalysisError."""
    for path in (bundle, readme):
        if not path.is_file():
            raise AnalysisError(f"{path} is missing", "name the file of a published run")
    if not bundle.resolve().is_relative_to(readme.resolve().parent):
        raise AnalysisError(
            f"{bundle} is not below the folder of {readme}, so no link would lead to its run", "move it there"
        )
    text = readme.read_text(encoding="utf-8")
    old = re.search(rf"^{HEADING}\n.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if old is None:
        raise AnalysisError(f"{readme} has no section {HEADING!r}", "add that heading where the section shall stand")
    machine, files = unpack(bundle)
    place = (bundle.resolve().parent / machine).relative_to(readme.resolve().parent).as_posix()
    # Its own tables may be those of an older version.
    with laid_out(of_origin(files, "measured", "suite")) as folder:
        make_tables(folder, str(bundle))
        new = section(folder, place)
    write_text(readme, text[: old.start()] + new + text[old.end() :])


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    parser = parser_of(main)
    parser.add_argument("--bundle", type=Path, required=True, help="the bundle of a published run")
    parser.add_argument("--readme", type=Path, required=True, help="the README, in a folder above it")
    arguments = parser.parse_args(argv)
    return command(lambda: write(arguments.bundle, arguments.readme))


if __name__ == "__main__":
    raise SystemExit(main())
