"""Every kind of figure. A new one takes a module that draws it, and an entry here.

Snakemake asks for the names before anything is measured, so a drawing library is imported only when a figure is drawn.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from analysis.figures.conditions import has_errors, has_heatmap, has_images, has_latency, has_roofline, scaling
from analysis.recommendations.names import asked
from workloads.vocabulary.metrics import MetricName
from workloads.vocabulary.plan import Cell, Plan

if TYPE_CHECKING:
    from matplotlib import figure as drawing

    from analysis.figures.material import Material


@dataclass(frozen=True)
class Figure:
    """A kind of figure."""

    stem: str  # its file's name without suffix; {sweep} and {workload} stand for those of its cells
    caption: str  # the same two may stand in it
    shows: Literal["cell", "sweep", "run"]  # whether there is one for each cell, for each sweep, or for the run
    module: str  # whose `draw` draws it, from the material and its cells
    when: Callable[[Plan, list[Cell]], bool] = lambda plan, cells: True
    metric: MetricName | None = None  # for `draw`, of a kind that there is for several metrics


@dataclass(frozen=True)
class PlannedFigure:
    """A figure of a plan."""

    figure: Figure
    cells: list[Cell]  # what it shows
    stem: str
    caption: str

    def draw(self, material: Material) -> drawing.Figure:
        """Draw it, inside style.figure_style."""
        draw = importlib.import_module(self.figure.module).draw
        metric = [] if self.figure.metric is None else [self.figure.metric]
        drawn: drawing.Figure = draw(material, self.cells, *metric)
        return drawn


def figures_of_sweep(plan: Plan, sweep: str) -> list[PlannedFigure]:
    """The figures of a sweep and of its cells, in the report's order."""
    cells = [cell for cell in plan.cells if cell.sweep == sweep]
    planned = []
    for figure in FIGURES:
        if figure.shows != "run":
            groups = [[cell] for cell in cells] if figure.shows == "cell" else [cells]
            planned += [_planned(figure, group) for group in groups if figure.when(plan, group)]
    return planned


def planned_figures(plan: Plan) -> list[PlannedFigure]:
    """The figures of a plan, in the report's order."""
    sweeps = dict.fromkeys(cell.sweep for cell in plan.cells)
    of_sweeps = [figure for sweep in sweeps for figure in figures_of_sweep(plan, sweep)]
    of_run = [_planned(figure, plan.cells) for figure in FIGURES if figure.shows == "run"]
    return [*of_sweeps, *(planned for planned in of_run if planned.figure.when(plan, plan.cells))]


def figure_names(plan: Plan) -> list[str]:
    """The stems of a plan's figures, in the report's order."""
    return [planned.stem for planned in planned_figures(plan)]


def _planned(figure: Figure, cells: list[Cell]) -> PlannedFigure:
    names = {"sweep": cells[0].sweep, "workload": cells[0].workload} if cells else {}
    return PlannedFigure(figure, cells, figure.stem.format(**names), figure.caption.format(**names))


def _of_metric(name: MetricName) -> Figure:
    """The comparisons of a sweep by a metric that it names beside its first one."""
    return Figure(
        stem=f"{{sweep}}-by-{name}",
        caption=f"{name.replace('_', ' ').capitalize()} against the baseline's for each setting of {{sweep}}",
        shows="sweep",
        module="analysis.figures.speedup",
        when=lambda plan, cells: any(name in cell.metrics[1:] for cell in cells),
        metric=name,
    )


SPEEDUP = Figure(
    stem="{sweep}-speedup",
    caption="Speed-up over the baseline for each setting of {sweep}",
    shows="sweep",
    module="analysis.figures.speedup",
)
RUN_ORDER = Figure(
    stem="{sweep}-run-order",
    caption="Slices of {sweep} in run order",
    shows="sweep",
    module="analysis.figures.run_order",
)
OVERVIEW = Figure(
    stem="overview",
    caption="The best and the worst setting of each workload against TensorFlow's defaults",
    shows="run",
    module="analysis.figures.overview",
    when=lambda plan, cells: bool(asked(plan)),
)
ROOFLINE = Figure(
    stem="roofline",
    caption="What each workload reaches under the machine's measured peaks",
    shows="run",
    module="analysis.figures.roofline",
    when=lambda plan, cells: has_roofline(plan),
)
CANARY = Figure(
    stem="canary",
    caption="Launches over the whole run, and the canary beside them",
    shows="run",
    module="analysis.figures.canary",
)

# In the report's order. It puts those of a sweep between the first and the last of them below the sweep's table.
FIGURES = (
    SPEEDUP,
    *(_of_metric(name) for name in MetricName),
    Figure(
        stem="{sweep}-{workload}-heatmap",
        caption="Speed-up for each pair of pool sizes, {workload}",
        shows="cell",
        module="analysis.figures.heatmap",
        when=lambda plan, cells: has_heatmap(cells[0]),
    ),
    Figure(
        stem="{sweep}-scaling",
        caption="Speed-up over the number of threads or CPUs in {sweep}",
        shows="sweep",
        module="analysis.figures.scaling",
        when=lambda plan, cells: any(map(scaling, cells)),
    ),
    Figure(
        stem="{sweep}-images",
        caption="Speed-up from image to image in {sweep}",
        shows="sweep",
        module="analysis.figures.images",
        when=lambda plan, cells: has_images(cells),
    ),
    Figure(
        stem="{sweep}-latency",
        caption="Distribution of latencies in {sweep}",
        shows="sweep",
        module="analysis.figures.latency",
        when=lambda plan, cells: any(map(has_latency, cells)),
    ),
    Figure(
        stem="{sweep}-errors",
        caption="Error against time in {sweep}",
        shows="sweep",
        module="analysis.figures.errors",
        when=lambda plan, cells: any(map(has_errors, cells)),
    ),
    RUN_ORDER,
    OVERVIEW,
    ROOFLINE,
    CANARY,
)
