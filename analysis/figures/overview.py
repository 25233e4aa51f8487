"""The whole run in one picture: a row a workload, with its best setting, its worst one, and the defaults at 1."""

import textwrap
from dataclasses import dataclass

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.comparisons.verdict import Verdict
from analysis.figures import style
from analysis.figures.material import Material
from analysis.margin import MARGIN
from analysis.recommendations.overview import WorkloadAnswer
from workloads.vocabulary.plan import Cell

_TITLE = "The best and the worst setting against TensorFlow's defaults"
_LETTERS = 26  # of a setting's name
_NOTE = (
    "speed-up: work a second ÷ the defaults', log scale; bars: 95 % interval; the best setting on rounds that did not "
    "choose it; grey band: what makes no difference that matters"
)

_LOOKS = {
    Verdict.FASTER: "recommended",
    Verdict.UNRESOLVED: "best of the others",
    Verdict.SLOWER: "slowest",
}


@dataclass(frozen=True)
class _Row:
    """A line of the picture."""

    name: str
    verdict: Verdict | None  # None: a workload's heading, where the defaults stand
    ratio: float | None = None
    low: float | None = None
    high: float | None = None


def draw(material: Material, cells: list[Cell]) -> Figure:
    """All workloads that were asked for against TensorFlow's defaults: a heading each, and its settings below."""
    rows = [row for answer in material.overview for row in _rows(answer)]
    points = [row.ratio for row in rows if row.ratio is not None]
    if not points:
        return style.empty_figure(_TITLE, "no setting could be held against the defaults")
    bounds = [bound for row in rows for bound in (row.low, row.high) if bound is not None]
    figure, panel = plt.subplots(figsize=(style.WIDTH, 1.5 + style.LINE * len(rows)), layout="constrained")
    limits = style.ratio_limits(points, bounds)
    panel.axvline(1, color=style.INK, linewidth=0.8, zorder=1)
    panel.axvspan(1 / (1 + MARGIN), 1 + MARGIN, color=style.INK, alpha=0.15, linewidth=0, zorder=0)
    for at, row in enumerate(rows):
        _draw_row(panel, row, at)
    panel.grid(axis="y", visible=False)
    panel.set_yticks(range(len(rows)), [textwrap.shorten(row.name, _LETTERS, placeholder=" …") for row in rows])
    for label, row in zip(panel.get_yticklabels(), rows, strict=True):
        label.set(weight="bold") if row.verdict is None else label.set(size=style.SMALL)
    panel.set_ylim(len(rows) - 0.5, -0.7)
    style.ratio_axis(panel.xaxis, *limits, apart=0.17)
    style.title(figure, _TITLE)
    style.key(figure, [style.legend_handle("the defaults", style.INK, "D"), *map(_handle, _LOOKS)], _NOTE)
    return figure


def _handle(verdict: Verdict) -> Line2D:
    return style.legend_handle(_LOOKS[verdict], style.VERDICT_COLOURS[verdict], style.VERDICT_MARKERS[verdict])


def _rows(answer: WorkloadAnswer) -> list[_Row]:
    rows = [_Row(answer.workload, None)]
    if answer.best:
        best = Verdict.UNRESOLVED if answer.stays else Verdict.FASTER
        rows.append(_Row(answer.best, best, answer.gain, answer.low, answer.high))
    if answer.worst:
        rows.append(_Row(answer.worst, Verdict.SLOWER, answer.worst_ratio, answer.worst_low, answer.worst_high))
    return rows


def _draw_row(panel: Axes, row: _Row, at: int) -> None:
    if row.verdict is None:
        panel.plot(1, at, "D", color=style.INK, markersize=4.5, zorder=3)
        return
    look = style.verdict_look(row.verdict)
    if row.low is not None and row.high is not None:
        panel.plot([row.low, row.high], [at, at], "|-", color=look["color"], linewidth=1.2, markersize=5)
    if row.ratio is not None:
        panel.plot(row.ratio, at, markersize=5, zorder=3, **look)
