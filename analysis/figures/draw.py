"""Draws every figure of a plan, as SVG and PNG; a figure without data yet says so.

python -m analysis.figures.draw --results results/MACHINE
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from analysis.figures import style
from analysis.figures.material import read_material
from analysis.figures.registry import planned_figures
from workloads.vocabulary.errors import command


def write(root: Path) -> None:
    """Make all figures of the machine's folder `root`. Raises AnalysisError."""
    material = read_material(root)
    with style.figure_style():
        for planned in planned_figures(material.plan):
            style.save(planned.figure.draw(material, planned.cells), root / "figures", planned.stem)


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m analysis.figures.draw", description="Tables to figures.")
    parser.add_argument("--results", type=Path, required=True, help="a machine's folder, such as results/MACHINE")
    arguments = parser.parse_args(argv)
    return command(lambda: write(arguments.results))


if __name__ == "__main__":
    sys.exit(main())
