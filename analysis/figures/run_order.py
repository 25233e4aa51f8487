"""The run-order figure of a sweep: its launches in the order in which they ran, and the canary under them."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from analysis.figures import style
from analysis.figures.canary import canary_legend, canary_speeds, draw_canary_panel, failures_legend, mark_failures
from analysis.figures.material import Material
from workloads.vocabulary.plan import Cell
from workloads.vocabulary.record import Status

_PANEL, _CANARY = 0.85, 0.8  # inches
_NOTE = "time: a call's, over the median of the same setting's launches; vertical lines: a round begins"
_MOST_ROUND_LINES = 40


def draw(material: Material, cells: list[Cell]) -> Figure:
    """All cells of one sweep, a panel each over one axis, and below them the canary beside each of these launches.

    Times are relative to the median of the same setting, not of the cell: differences between settings are the
    other figure's subject, and would hide drift here.
    """
    sweep = cells[0].sweep
    ours = material.launches[material.launches["sweep"] == sweep]
    if ours.empty:
        return style.empty_figure(f"{sweep}: launches in run order", "no launch has been recorded yet")
    shown = _relative(ours)
    figure, panels = plt.subplots(
        len(cells) + 1,
        1,
        figsize=(style.WIDTH, 1.35 + _PANEL * len(cells) + _CANARY),
        height_ratios=[*[_PANEL] * len(cells), _CANARY],
        sharex=True,
        layout="constrained",
    )
    panels[-1].set_xlim(0.3, len(shown) + 0.7)
    low, high = style.ratio_limits(shown["median"].dropna().tolist(), [*shown["p5"].dropna(), *shown["p95"].dropna()])
    for panel, cell in zip(panels, cells, strict=False):
        _draw_panel(panel, cell, shown[shown["workload"] == cell.workload])
        style.ratio_axis(panel.yaxis, low, high, apart=0.26)
    with_canary = shown.dropna(subset=["canary_one_s"])
    draw_canary_panel(panels[-1], with_canary["launch"].tolist(), canary_speeds(with_canary))
    panels[-1].set_xlabel("launch of the sweep, in run order")
    panels[-1].xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, prune="lower"))
    style.title(figure, f"{sweep}: launches in run order")
    style.key(figure, _legend(ours), _NOTE)
    return figure


def _relative(launches: pd.DataFrame) -> pd.DataFrame:
    """One sweep's launches in run order, with their times relative to their setting's median launch."""
    ordered = launches.sort_values(["started_at", "round", "position"]).reset_index(drop=True)
    valid = ordered["status"] == Status.OK
    typical = ordered["median_s"].where(valid).groupby([ordered["workload"], ordered["setting"]]).transform("median")
    relative = {name: (ordered[f"{name}_s"] / typical).where(valid).astype(float) for name in ("median", "p5", "p95")}
    return ordered.assign(launch=range(1, len(ordered) + 1), **relative)


def _draw_panel(panel: Axes, cell: Cell, shown: pd.DataFrame) -> None:
    panel.set_title(cell.workload)
    panel.grid(axis="x", visible=False)
    panel.axhline(1, color=style.PALE, linewidth=0.8, zorder=1)
    begins = shown.loc[shown["round"].diff() != 0, "launch"].astype(float)
    if len(begins) <= _MOST_ROUND_LINES:
        nothing = [0.0] * len(begins)
        transform = panel.get_xaxis_transform()
        look = {"color": style.PALE, "linewidth": 0.8, "linestyle": ":", "zorder": 0, "transform": transform}
        style.bars(panel, (begins - 0.5).tolist(), nothing, [1.0] * len(begins), **look)
    valid = shown.dropna(subset=["median"])
    look = {"color": style.PALE, "linewidth": 1.4, "zorder": 1.5}
    style.bars(panel, valid["launch"].tolist(), valid["p5"].tolist(), valid["p95"].tolist(), **look)
    aside, baseline = valid["set_aside"].astype(bool), valid["setting"] == cell.baseline
    others = valid[~baseline & ~aside]
    style.dots(panel, others["launch"].tolist(), others["median"].tolist(), style.GREY, 3.0)
    ours, disturbed = valid[baseline & ~aside], valid[aside]
    panel.plot(ours["launch"], ours["median"], "D", color=style.INK, markersize=2.6, zorder=3)
    panel.plot(disturbed["launch"], disturbed["median"], "x", color=style.ASIDE, markersize=4, mew=0.9, zorder=3)
    mark_failures(panel, shown.loc[shown["median"].isna(), "launch"].tolist())
    if shown.empty:
        panel.text(0.5, 0.5, "no launch recorded yet", transform=panel.transAxes, ha="center", va="center")
    panel.set(xlabel="", ylabel="time")


def _legend(launches: pd.DataFrame) -> list[Line2D]:
    return [
        style.legend_handle("baseline's median", style.INK, "D"),
        style.legend_handle("another setting's", style.GREY, "o"),
        style.legend_line("5 % to 95 % of samples", style.PALE, linewidth=2),
        *canary_legend(),
        *failures_legend(launches),
    ]
