"""Draws every figure of a plan, as SVG and PNG; a figure without data yet says so.

python -m analysis.figures.draw --results results/MACHINE
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from analysis.comparisons.comparison import Comparison, read_comparisons
from analysis.figures import names, style
from analysis.figures.canary import draw_canary
from analysis.figures.errors import draw_errors
from analysis.figures.heatmap import draw_heatmap
from analysis.figures.latency import draw_latency
from analysis.figures.peaks import Peaks, peaks, standings
from analysis.figures.roofline import draw_roofline
from analysis.figures.run_order import draw_run_order
from analysis.figures.scaling import draw_scaling
from analysis.figures.speedup import draw_speedup
from analysis.records.folder import read_canary, read_peaks, read_plan
from analysis.tables.tables import read_launches, read_samples
from workloads.vocabulary.errors import command
from workloads.vocabulary.inventory import CanaryReference
from workloads.vocabulary.plan import Plan


@dataclass(frozen=True)
class Material:
    """What figures are drawn from."""

    plan: Plan
    launches: pd.DataFrame
    samples: pd.DataFrame
    comparisons: list[Comparison]
    reference: CanaryReference
    peaks: Peaks | str  # or why they are not known


def read(root: Path) -> Material:
    """The material in the machine's folder `root`. Raises AnalysisError."""
    return Material(
        read_plan(root),
        read_launches(root),
        read_samples(root),
        read_comparisons(root),
        read_canary(root),
        peaks(read_peaks(root)),
    )


def drawings(material: Material) -> dict[str, Callable[[], Figure]]:
    """Stem -> what draws the figure inside style.figure_style, for all that analysis.figures.names could name."""
    plan, comparisons, cpus = material.plan, material.comparisons, material.reference.cpus
    found: dict[str, Callable[[], Figure]] = {}
    for sweep in dict.fromkeys(cell.sweep for cell in plan.cells):
        cells = [cell for cell in plan.cells if cell.sweep == sweep]
        found[names.speedup_name(sweep)] = partial(draw_speedup, cells, comparisons)
        found[names.scaling_name(sweep)] = partial(draw_scaling, cells, comparisons, cpus)
        found[names.latency_name(sweep)] = partial(draw_latency, cells, material.launches, material.samples)
        found[names.errors_name(sweep)] = partial(draw_errors, cells, comparisons)
        found[names.run_order_name(sweep)] = partial(draw_run_order, cells, material.launches, material.reference)
        found |= {names.heatmap_name(cell): partial(draw_heatmap, cell, comparisons, cpus) for cell in cells}
    found[names.ROOFLINE] = partial(_roofline, material)
    found[names.CANARY] = partial(draw_canary, material.launches, material.reference)
    return found


def _roofline(material: Material) -> Figure:
    known = material.peaks
    shown = [] if isinstance(known, str) else standings(material.plan, material.launches, known.image)
    return draw_roofline(known, shown)


def write(root: Path) -> None:
    """Make all figures of the machine's folder `root`. Raises AnalysisError."""
    material = read(root)
    draw = drawings(material)
    with style.figure_style():
        for stem in names.figure_names(material.plan):
            style.save(draw[stem](), root / "figures", stem)


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m analysis.figures.draw", description="Tables to figures.")
    parser.add_argument("--results", type=Path, required=True, help="a machine's folder, such as results/MACHINE")
    arguments = parser.parse_args(argv)
    return command(lambda: write(arguments.results))


if __name__ == "__main__":
    sys.exit(main())
