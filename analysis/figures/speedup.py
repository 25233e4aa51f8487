"""The speed-up figure of a sweep: a dot and its interval for each setting, a panel for each workload."""

import math
from collections import Counter

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.comparisons.comparison import Comparison
from analysis.comparisons.metrics import METRICS
from analysis.comparisons.verdict import Verdict
from analysis.figures import style
from analysis.figures.labels import RowNames, row_names
from analysis.figures.material import Material
from workloads.vocabulary.metrics import MetricName
from workloads.vocabulary.plan import Cell
from workloads.vocabulary.record import Setting

_MOST_ROWS = 44  # of one column, which is as long as a page then
_BAR_WIDTH = 1.7  # inches, of a panel beside others
_NOTE = "log scale; bars: 95 % interval of that comparison alone; grey band: margin of equivalence"


def draw(material: Material, cells: list[Cell], metric: MetricName | None = None) -> Figure:
    """All cells of one sweep by one metric, its first unless named. A row is a setting; the baseline's is 1."""
    sweep = cells[0].sweep
    if metric is None:
        heading, note = _words(next(iter(cells[0].metrics), MetricName.THROUGHPUT))
        own = [comparison for comparison in material.comparisons if comparison.sweep == sweep]
    else:
        heading, note = _words(metric)
        own = [
            comparison for comparison in material.further if comparison.sweep == sweep and comparison.metric == metric
        ]
    points = [comparison.ratio for comparison in own if comparison.ratio is not None]
    if not points:
        return style.empty_figure(f"{sweep}: {heading}", _reason(own))
    settings = _rows(cells)
    names = row_names(settings)
    figure, panels, width = _panels(cells, names)
    limits = style.ratio_limits(
        points, [bound for comparison in own for bound in (comparison.low, comparison.high) if bound is not None]
    )
    for panel, cell in zip(panels, cells, strict=True):
        _draw_panel(panel, cell, own, names.places)
        style.ratio_axis(panel.xaxis, *limits, apart=0.42 / width)
        panel.set_yticks([names.top, *names.places.values()], [names.heading, *names.names.values()])
        for label in panel.get_yticklabels()[:1]:  # none where the panel to the left has them
            label.set(style="italic", color=style.GREY)
        panel.set_ylim(names.lines, 0)
    style.title(figure, f"{sweep}: {heading} over the baseline")
    style.key(figure, _legend(own), note)
    return figure


def _words(metric: MetricName) -> tuple[str, str]:
    """What the ratios are, in the heading and in the note."""
    if metric is MetricName.THROUGHPUT:
        return "speed-up", f"speed-up: work a second ÷ the baseline's, {_NOTE}"
    if metric is MetricName.LATENCY:  # of several callers, work a second says something else
        return "speed-up of a call", f"speed-up: the baseline's time of a call ÷ the setting's, {_NOTE}"
    title = METRICS[metric].title
    return f"gain in {title}", f"gain: how many times better the {title} is than the baseline's, {_NOTE}"


def _rows(cells: list[Cell]) -> list[Setting]:
    """Every setting of the sweep once, baselines first."""
    baselines = {cell.baseline for cell in cells}
    unique = {setting.id: setting for cell in cells for setting in cell.settings}
    return sorted(unique.values(), key=lambda setting: setting.id not in baselines)


def _panels(cells: list[Cell], names: RowNames) -> tuple[Figure, list[Axes], float]:
    """A panel for each cell, one below the other as far as a page allows, and about how wide each is, in inches."""
    columns = min(len(cells), math.ceil(names.lines * len(cells) / _MOST_ROWS))
    down = math.ceil(len(cells) / columns)
    width = style.WIDTH if columns == 1 else names.width + 0.2 + columns * _BAR_WIDTH
    figure, grid = plt.subplots(
        down,
        columns,
        figsize=(width, down * (0.22 + style.LINE * names.lines) + 1.1),
        sharex=True,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    panels: list[Axes] = list(grid.flat)
    for unused in panels[len(cells) :]:
        unused.set_visible(False)
    for panel in panels[len(cells) - columns : len(cells)]:
        panel.tick_params(labelbottom=True)  # the panel below may be an unused one
    return figure, panels[: len(cells)], (width - names.width - 0.2) / columns


def _draw_panel(panel: Axes, cell: Cell, comparisons: list[Comparison], places: dict[str, float]) -> None:
    panel.set_title(cell.workload)
    panel.grid(axis="y", visible=False)
    panel.axvline(1, color=style.INK, linewidth=0.8, zorder=1)
    if (
        margin := next((comparison.margin for comparison in comparisons if comparison.margin is not None), None)
    ) is not None:
        panel.axvspan(1 / (1 + margin), 1 + margin, color=style.INK, alpha=0.15, linewidth=0, zorder=0)
    panel.plot(1, places[cell.baseline], "D", color=style.INK, markersize=4.5, zorder=3)
    for comparison in comparisons:
        if comparison.workload != cell.workload:
            continue
        look, row = style.verdict_look(comparison.verdict), places[comparison.setting]
        if comparison.low is not None and comparison.high is not None:
            panel.plot(
                [comparison.low, comparison.high], [row, row], "|-", color=look["color"], linewidth=1.2, markersize=5
            )
        if comparison.ratio is None:
            _say_why_not(panel, comparison.verdict, row)
        else:
            panel.plot(comparison.ratio, row, markersize=5, zorder=3, **look)


def _say_why_not(panel: Axes, verdict: Verdict, row: float) -> None:
    panel.text(
        *(0.5, row, verdict.why),
        transform=panel.get_yaxis_transform(),
        ha="center",
        va="center",
        size=style.SMALL,
        color=style.GREY,
        style="italic",
        bbox={"facecolor": style.PAPER, "edgecolor": "none", "pad": 1},
        zorder=4,
    )


def _legend(comparisons: list[Comparison]) -> list[Line2D]:
    seen = {comparison.verdict for comparison in comparisons if comparison.ratio is not None}
    return [style.legend_handle(style.BASELINE, style.INK, "D"), *style.verdict_handles(seen)]


def _reason(comparisons: list[Comparison]) -> str:
    if not comparisons:
        return "the sweep has no setting beside its baseline"
    return "; ".join(
        f"{verdict} ({number})" for verdict, number in Counter(comparison.verdict for comparison in comparisons).items()
    )
