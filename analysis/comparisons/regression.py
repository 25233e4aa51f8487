"""Which workloads became slower from one image to another, for people and, by the exit status, for programs.

python -m analysis.comparisons.regression --results results/regress/XXXXXXXX/MACHINE --sweep regress
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from analysis.comparisons.comparison import COMPARISONS, Comparison
from analysis.margin import MARGIN
from analysis.wording import difference, interval, ratio
from workloads.vocabulary.command_line import add_results, parser_of
from workloads.vocabulary.errors import AnalysisError, command


def is_regression(comparison: Comparison) -> bool:
    """Whether a setting is shown to be worse, by more than the margin; or no longer runs at all."""
    if comparison.verdict.is_worse:
        return comparison.ratio is not None and comparison.ratio < 1 - MARGIN
    return not comparison.verdict.is_tested and bool(comparison.failed)


def sentences(comparisons: Sequence[Comparison]) -> list[str]:
    """What is slower and by how much, then what is not and what could not have been seen."""
    worse = sorted(filter(is_regression, comparisons), key=lambda comparison: comparison.ratio or 0.0)
    lines = [f"Slower: {_told(comparison)}" for comparison in worse]
    for comparison in comparisons:
        if not is_regression(comparison):
            seen = difference(comparison.resolvable)
            lines.append(f"Not slower: {_told(comparison)}; a slowdown of {seen} would have been seen")
    return lines


def _told(comparison: Comparison) -> str:
    words = f"{comparison.workload}, {comparison.label} against {comparison.baseline_label}: "
    if comparison.ratio is None:
        return f"{words}{comparison.verdict}"
    return f"{words}{ratio(comparison.ratio)} ({interval(comparison.low, comparison.high)}), {comparison.verdict}"


def report(root: Path, sweep: str) -> int:
    """Print the sentences on a sweep of the machine's folder `root`; 1 if anything is slower. Raises AnalysisError."""
    comparisons = [comparison for comparison in COMPARISONS.read(root) if comparison.sweep == sweep]
    if not comparisons:
        raise AnalysisError(f"{root} has no comparisons of a sweep {sweep}", "name another --sweep")
    for sentence in sentences(comparisons):
        print(sentence)
    print(f"Report: {root / 'report.html'}")
    return int(any(map(is_regression, comparisons)))


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    parser = parser_of(main)
    add_results(parser)
    parser.add_argument("--sweep", required=True)
    arguments = parser.parse_args(argv)
    status = 0

    def tell() -> None:
        nonlocal status
        status = report(arguments.results, arguments.sweep)

    return command(tell) or status


if __name__ == "__main__":
    raise SystemExit(main())
