"""Draws every figure of a plan, as SVG and PNG; a figure without data yet says so.

python -m analysis.figures --results results/MACHINE
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from analysis import style
from analysis.comparison import Comparison, read_comparisons
from analysis.errors import command
from analysis.figure_canary import draw_canary
from analysis.figure_heatmap import draw_heatmap
from analysis.figure_names import CANARY, has_heatmap, heatmap_name, run_order_name, speedup_name
from analysis.figure_run_order import draw_run_order
from analysis.figure_speedup import draw_speedup
from analysis.folder import read_canary, read_plan
from analysis.tables import read_launches, read_samples
from workloads.inventory import CanaryReference
from workloads.plan import Plan


def figures(
    plan: Plan,
    launches: pd.DataFrame,
    samples: pd.DataFrame,
    comparisons: list[Comparison],
    reference: CanaryReference,
) -> Iterator[tuple[str, Figure]]:
    """(stem, figure) for exactly the names that analysis.figure_names gives; draw inside style.figure_style."""
    for sweep in dict.fromkeys(cell.sweep for cell in plan.cells):
        cells = [cell for cell in plan.cells if cell.sweep == sweep]
        yield speedup_name(sweep), draw_speedup(cells, comparisons)
        yield run_order_name(sweep), draw_run_order(cells, launches, samples)
        for cell in cells:
            if has_heatmap(cell):
                yield heatmap_name(cell), draw_heatmap(cell, comparisons)
    yield CANARY, draw_canary(launches, reference)


def write(root: Path) -> None:
    """Make all figures of the machine's folder `root`. Raises AnalysisError."""
    plan, launches, samples = read_plan(root), read_launches(root), read_samples(root)
    comparisons, reference = read_comparisons(root), read_canary(root)
    with style.figure_style():
        for stem, figure in figures(plan, launches, samples, comparisons, reference):
            style.save(figure, root / "figures", stem)


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m analysis.figures", description="Tables to figures.")
    parser.add_argument("--results", type=Path, required=True, help="a machine's folder, such as results/MACHINE")
    arguments = parser.parse_args(argv)
    return command(lambda: write(arguments.results))


if __name__ == "__main__":
    sys.exit(main())
