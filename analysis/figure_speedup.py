"""The speed-up figure of a sweep: a dot and its interval for each setting, a panel for each workload."""

from __future__ import annotations

import textwrap
from collections import Counter
from dataclasses import dataclass

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis import style
from analysis.comparison import Comparison
from analysis.wording import short_labels
from workloads.plan import Cell
from workloads.record import Setting

_LABEL_CHARACTERS = 36  # longer labels are broken into lines
_NOTE = (
    "speed-up = work a second ÷ the baseline's, log scale\n"
    "bars: 95 % interval of that comparison alone; grey: margin of equivalence"
)


@dataclass(frozen=True)
class _Canvas:
    """Sizes in inches."""

    rows: int
    columns: int
    panel_width: float
    panel_height: float
    label_width: float

    @property
    def size(self) -> tuple[float, float]:
        width = max(7.5, self.label_width + self.columns * self.panel_width + 0.3)
        return width, self.rows * (self.panel_height + 0.75) + 1.0


def draw_speedup(cells: list[Cell], comparisons: list[Comparison]) -> Figure:
    """All cells of one sweep. A row is a setting; the baseline stands first, at 1."""
    sweep = cells[0].sweep
    ours = [one for one in comparisons if one.sweep == sweep]
    points = [one.speedup for one in ours if one.speedup is not None]
    if not points:
        return style.empty_figure(f"{sweep}: speed-up", _reason(ours))
    settings = _rows(cells)
    labels = [textwrap.fill(text, _LABEL_CHARACTERS) for text in short_labels(settings).values()]
    canvas = _lay_out(len(cells), labels)
    figure, panels = _panels(canvas, len(cells))
    limits = style.ratio_limits(points, [bound for one in ours for bound in (one.low, one.high) if bound is not None])
    for panel, cell in zip(panels, cells, strict=True):
        _draw_panel(panel, cell, ours, {setting.id: row for row, setting in enumerate(settings)})
        style.ratio_axis(panel.xaxis, *limits, apart=0.5 / canvas.panel_width)
        panel.set_yticks(range(len(settings)), labels)
        panel.set_ylim(len(settings) - 0.5, -0.5)
    figure.suptitle(f"{sweep}: speed-up over the baseline", weight="bold")
    handles = _legend(ours)
    figure.legend(handles=handles, title=_NOTE, loc="outside lower center", ncols=len(handles), frameon=False)
    return figure


def _rows(cells: list[Cell]) -> list[Setting]:
    """Every setting of the sweep once, baselines first."""
    baselines = {cell.baseline for cell in cells}
    unique = {setting.id: setting for cell in cells for setting in cell.settings}
    return sorted(unique.values(), key=lambda setting: setting.id not in baselines)


def _lay_out(cells: int, labels: list[str]) -> _Canvas:
    rows, columns = style.panel_grid(cells)
    lines = max(label.count("\n") + 1 for label in labels)
    return _Canvas(
        rows,
        columns,
        panel_width=max(2.1, min(4.5, 8.4 / columns)),
        panel_height=max(0.9, len(labels) * (0.09 + 0.17 * lines)),
        label_width=0.085 * max(len(line) for label in labels for line in label.split("\n")),
    )


def _panels(canvas: _Canvas, cells: int) -> tuple[Figure, list[Axes]]:
    figure, grid = plt.subplots(
        canvas.rows,
        canvas.columns,
        figsize=canvas.size,
        sharex=True,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    panels: list[Axes] = list(grid.flat)
    for unused in panels[cells:]:
        unused.set_visible(False)
    for panel in panels[:cells]:
        panel.tick_params(labelbottom=True)  # the panel below may be an unused one
    return figure, panels[:cells]


def _draw_panel(panel: Axes, cell: Cell, comparisons: list[Comparison], places: dict[str, int]) -> None:
    panel.set_title(cell.workload)
    panel.grid(axis="y", visible=False)
    panel.axvline(1, color=style.BLACK, linewidth=0.8, zorder=1)
    if (margin := next((one.margin for one in comparisons if one.margin is not None), None)) is not None:
        panel.axvspan(1 / (1 + margin), 1 + margin, color=style.PALE, zorder=0)
    panel.plot(1, places[cell.baseline], "D", color=style.BLACK, markersize=6, zorder=3)
    ours = [one for one in comparisons if one.workload == cell.workload]
    for one in ours:
        if one.low is not None and one.high is not None:
            colour = style.VERDICT_COLOURS.get(one.verdict, style.GREY)
            row = places[one.setting]
            # On top of its marker: an interval narrower than the marker is seen within it.
            panel.plot([one.low, one.high], [row, row], "|-", color=colour, linewidth=1.5, markersize=5, zorder=2)
        if one.speedup is None:
            _say_why_not(panel, one.verdict, places[one.setting])
    tested = [one for one in ours if one.verdict in style.VERDICT_COLOURS]
    if tested:
        sns.scatterplot(
            x=[one.speedup for one in tested],
            y=[places[one.setting] for one in tested],
            hue=[one.verdict for one in tested],
            style=[one.verdict for one in tested],
            palette=style.VERDICT_COLOURS,
            markers=style.VERDICT_MARKERS,
            s=45,
            linewidth=0,
            legend=False,
            ax=panel,
            zorder=3,
        )
    for one in ours:
        if one.speedup is not None and one not in tested:
            panel.plot(one.speedup, places[one.setting], "o", color=style.GREY, mfc="white", markersize=6, zorder=3)
    panel.set(xlabel="speed-up", ylabel="")


def _say_why_not(panel: Axes, verdict: str, row: int) -> None:
    panel.text(
        *(0.5, row, verdict.removeprefix("not compared: ")),
        transform=panel.get_yaxis_transform(),
        ha="center",
        va="center",
        size=8,
        color=style.GREY,
        style="italic",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        zorder=4,
    )


def _legend(comparisons: list[Comparison]) -> list[Line2D]:
    handles = [style.legend_handle(style.BASELINE, style.BLACK, "D")]
    seen = {one.verdict for one in comparisons if one.speedup is not None}
    for verdict, colour in style.VERDICT_COLOURS.items():
        if verdict in seen:
            handles.append(style.legend_handle(verdict, colour, style.VERDICT_MARKERS[verdict]))
    if seen - set(style.VERDICT_COLOURS):
        handles.append(style.legend_handle(style.NOT_TESTED, style.GREY, "o", hollow=True))
    return handles


def _reason(comparisons: list[Comparison]) -> str:
    if not comparisons:
        return "the sweep has no setting beside its baseline"
    return "; ".join(f"{verdict} ({number})" for verdict, number in Counter(one.verdict for one in comparisons).items())
