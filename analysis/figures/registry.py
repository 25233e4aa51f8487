"""Every kind of figure. A new one takes a module that draws it, and an entry here.

Snakemake asks for the names before anything is measured, so a drawing library is imported only when a figure is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from analysis.figures.conditions import has_errors, has_heatmap, has_latency, has_roofline, scaling
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
    draw: Callable[[Material, list[Cell]], drawing.Figure]  # inside style.figure_style
    when: Callable[[Plan, list[Cell]], bool] = lambda plan, cells: True


@dataclass(frozen=True)
class PlannedFigure:
    """A figure of a plan."""

    figure: Figure
    cells: list[Cell]  # what it shows
    stem: str
    caption: str


def figures_of_sweep(plan: Plan, sweep: str) -> list[PlannedFigure]:
    """The figures of a sweep and of its cells, in the report's order."""
    cells = [cell for cell in plan.cells if cell.sweep == sweep]
    found = []
    for figure in FIGURES:
        if figure.shows != "run":
            groups = [[cell] for cell in cells] if figure.shows == "cell" else [cells]
            found += [_planned(figure, group) for group in groups if figure.when(plan, group)]
    return found


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


def _draw_speedup(material: Material, cells: list[Cell]) -> drawing.Figure:
    from analysis.figures.speedup import draw_speedup

    return draw_speedup(cells, material.comparisons, next(iter(cells[0].metrics), MetricName.THROUGHPUT))


def _of_metric(name: MetricName) -> Figure:
    """The comparisons of a sweep by a metric that it names beside its first one."""

    def draw(material: Material, cells: list[Cell]) -> drawing.Figure:
        from analysis.figures.speedup import draw_speedup

        return draw_speedup(cells, [comparison for comparison in material.further if comparison.metric == name], name)

    return Figure(
        stem=f"{{sweep}}-{name}",
        caption=f"{name.replace('_', ' ').capitalize()} against the baseline's for each setting of {{sweep}}",
        shows="sweep",
        draw=draw,
        when=lambda plan, cells: any(name in cell.metrics[1:] for cell in cells),
    )


def _draw_heatmap(material: Material, cells: list[Cell]) -> drawing.Figure:
    from analysis.figures.heatmap import draw_heatmap

    return draw_heatmap(cells[0], material.comparisons, material.cpus)


def _draw_scaling(material: Material, cells: list[Cell]) -> drawing.Figure:
    from analysis.figures.scaling import draw_scaling

    return draw_scaling(cells, material.comparisons, material.cpus)


def _draw_latency(material: Material, cells: list[Cell]) -> drawing.Figure:
    from analysis.figures.latency import draw_latency

    return draw_latency(cells, material.launches, material.samples)


def _draw_errors(material: Material, cells: list[Cell]) -> drawing.Figure:
    from analysis.figures.errors import draw_errors

    return draw_errors(cells, material.comparisons)


def _draw_run_order(material: Material, cells: list[Cell]) -> drawing.Figure:
    from analysis.figures.run_order import draw_run_order

    return draw_run_order(cells, material.launches)


def _draw_roofline(material: Material, cells: list[Cell]) -> drawing.Figure:
    from analysis.figures.peaks import standings
    from analysis.figures.roofline import draw_roofline

    known = material.peaks
    shown = [] if isinstance(known, str) else standings(material.plan, material.launches, known.image)
    return draw_roofline(known, shown)


def _draw_canary(material: Material, cells: list[Cell]) -> drawing.Figure:
    from analysis.figures.canary import draw_canary

    return draw_canary(material.launches)


SPEEDUP = Figure(
    stem="{sweep}-speedup",
    caption="Speed-up over the baseline for each setting of {sweep}",
    shows="sweep",
    draw=_draw_speedup,
)
RUN_ORDER = Figure(
    stem="{sweep}-run-order",
    caption="Launches of {sweep} in run order",
    shows="sweep",
    draw=_draw_run_order,
)
ROOFLINE = Figure(
    stem="roofline",
    caption="What each workload reaches under the machine's measured peaks",
    shows="run",
    draw=_draw_roofline,
    when=lambda plan, cells: has_roofline(plan),
)
CANARY = Figure(
    stem="canary",
    caption="Launches over the whole run, and the canary beside them",
    shows="run",
    draw=_draw_canary,
)

# In the report's order. It puts those of a sweep between the first and the last of them below the sweep's table.
FIGURES = (
    SPEEDUP,
    *(_of_metric(name) for name in MetricName),
    Figure(
        stem="{sweep}-{workload}-heatmap",
        caption="Speed-up for each pair of pool sizes, {workload}",
        shows="cell",
        draw=_draw_heatmap,
        when=lambda plan, cells: has_heatmap(cells[0]),
    ),
    Figure(
        stem="{sweep}-scaling",
        caption="Speed-up over the number of threads or CPUs in {sweep}",
        shows="sweep",
        draw=_draw_scaling,
        when=lambda plan, cells: any(map(scaling, cells)),
    ),
    Figure(
        stem="{sweep}-latency",
        caption="Distribution of latencies in {sweep}",
        shows="sweep",
        draw=_draw_latency,
        when=lambda plan, cells: any(map(has_latency, cells)),
    ),
    Figure(
        stem="{sweep}-errors",
        caption="Error against time in {sweep}",
        shows="sweep",
        draw=_draw_errors,
        when=lambda plan, cells: any(map(has_errors, cells)),
    ),
    RUN_ORDER,
    ROOFLINE,
    CANARY,
)
