"""The figure of errors against times of a sweep whose settings differ in precision: what speed costs in exactness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from analysis.comparisons.comparison import Comparison
from analysis.comparisons.verdict import Verdict
from analysis.figures import style
from analysis.figures.conditions import has_errors
from analysis.figures.labels import height_for, name_points, row_names
from analysis.figures.material import Material
from workloads.vocabulary.plan import Cell

_NOTE = (
    "line: what no other setting beats in both (Pareto front); bars: 95 % interval of the speed-up; "
    "error: the largest of the outputs"
)
_NO_ERROR = 1e-9  # what an exact output is drawn at: a log scale has no zero


@dataclass(frozen=True)
class Point:
    """A setting by what its call takes and how wrong its output is."""

    setting: str
    verdict: Verdict | None  # None: the baseline
    ms: float
    error: float  # relative
    low_ms: float | None
    high_ms: float | None


def points(cell: Cell, comparisons: list[Comparison]) -> list[Point]:
    """The cell's settings for which both are known, the baseline first."""
    own = [
        comparison
        for comparison in comparisons
        if (comparison.sweep, comparison.workload) == (cell.sweep, cell.workload)
    ]
    shown: list[Point] = []
    for comparison in own:
        if (
            comparison.ratio is None
            or comparison.error is None
            or comparison.call_s is None
            or comparison.baseline_call_s is None
        ):
            continue
        if not shown and comparison.baseline_error is not None:
            ms = 1e3 * comparison.baseline_call_s
            shown.append(Point(cell.baseline, None, ms, comparison.baseline_error, None, None))
        ms = 1e3 * comparison.call_s
        bounds = [
            None if bound is None else ms * comparison.ratio / bound for bound in (comparison.high, comparison.low)
        ]
        shown.append(Point(comparison.setting, comparison.verdict, ms, comparison.error, *bounds))
    return shown


def front(shown: list[Point]) -> list[Point]:
    """Those that no other point beats in time and error both (Pareto), the fastest first."""
    kept: list[Point] = []
    for point in sorted(shown, key=lambda point: (point.ms, point.error)):
        if not kept or point.error < kept[-1].error:
            kept.append(point)
    return kept


def draw(material: Material, cells: list[Cell]) -> Figure:
    """A panel for each cell: relative error over the time a call, and the front of the settings worth choosing."""
    sweep = cells[0].sweep
    heading = f"{sweep}: error against time"
    comparisons = material.comparisons
    shown = [cell for cell in cells if has_errors(cell)]
    if not any(points(cell, comparisons) for cell in shown):
        return style.empty_figure(heading, "no comparison has errors yet")
    names = row_names(shown[0].settings)
    flat = names.in_one_line
    height = max(1.15, height_for(max(len(_named(points(cell, comparisons))) for cell in shown)))
    figure, grid = plt.subplots(
        len(shown), 1, figsize=(style.WIDTH, len(shown) * (height + 0.38) + 1.5), squeeze=False, layout="constrained"
    )
    for panel, cell in zip(grid.flat, shown, strict=True):
        panel.set_title(cell.workload)
        if of_cell := points(cell, comparisons):
            _draw_panel(panel, of_cell, flat, height)
        else:
            panel.text(0.5, 0.5, "no comparison yet", transform=panel.transAxes, ha="center", va="center")
            panel.set(xticks=[], yticks=[])
    grid[-1, 0].set_xlabel("time a call (ms, log scale)")
    figure.supylabel("relative error (log scale)", size=style.SIZE)
    style.title(figure, heading)
    seen = {
        comparison.verdict for comparison in comparisons if comparison.sweep == sweep and comparison.ratio is not None
    }
    handles = [style.legend_handle(style.BASELINE, style.INK, "D"), *style.verdict_handles(seen)]
    style.key(figure, handles, f"{_NOTE}; names: {' '.join(names.heading.split())}")
    return figure


def _draw_panel(panel: Axes, points: list[Point], names: dict[str, str], height: float) -> None:
    best = front(points)
    panel.plot([point.ms for point in best], [_drawn(point) for point in best], "-", color=style.PALE, linewidth=1.2)
    for point in points:
        baseline: dict[str, Any] = {"marker": "D", "color": style.INK}
        look = baseline if point.verdict is None else style.verdict_look(point.verdict)
        if point.low_ms is not None and point.high_ms is not None:
            ends = [point.low_ms, point.high_ms]
            panel.plot(ends, [_drawn(point)] * 2, "|-", color=look["color"], linewidth=1.2, markersize=5)
        panel.plot(point.ms, _drawn(point), markersize=5, **look)
    times, errors = [point.ms for point in points], [_drawn(point) for point in points]
    reach = (max(times) / min(times)) ** 0.15 * 1.1
    panel.set(xscale="log", xlim=(min(times) / reach, max(times) * reach))
    panel.set(yscale="log", ylim=(min(errors) / 4, max(errors) * 4))
    panel.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 3.0, 5.0, 7.0), numticks=5))
    panel.yaxis.set_major_locator(LogLocator(numticks=5))
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    name_points(panel, [(point.ms, _drawn(point), names[point.setting]) for point in _named(points)], height)


def _named(shown: list[Point]) -> list[Point]:
    """The points that have names: the baseline, and those of the front."""
    best = front(shown)
    return [point for point in shown if point in best or point.verdict == style.BASELINE]


def _drawn(point: Point) -> float:
    return max(point.error, _NO_ERROR)
