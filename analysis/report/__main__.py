"""Write the report of a machine's folder again, as Markdown and as a page, from its tables and figures.

python -m analysis.report --results results/MACHINE
"""

from pathlib import Path

from analysis.report import page, render
from workloads.vocabulary.command_line import stage


def write(root: Path) -> None:
    """Make report.md, details.md and report.html. Raises AnalysisError."""
    render.write(root)
    page.write(root)


main = stage(write)


if __name__ == "__main__":
    raise SystemExit(main())
