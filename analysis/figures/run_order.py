"""The run-order figure of a sweep: the slices of its launches, cycle after cycle, and the canary's ticks under them."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from analysis.figures import style
from analysis.figures.canary import SET_ASIDE, canary_legend, canary_speeds, draw_canary_panel, mark_failures
from analysis.figures.material import Material
from workloads.vocabulary.plan import Cell
from workloads.vocabulary.record import Status

_PANEL, _CANARY = 0.85, 0.8  # inches
_NOTE = "time: a call's in a slice, over the median of the same setting's; vertical lines: a round begins"
_MOST_ROUND_LINES = 40
_MOST_DOTS = 80  # of each kind, in a panel

# What tells the blocks of a sweep apart, each of which has cycles of its own.
_BLOCK = ["workload", "definition", "round", "block"]


def draw(material: Material, cells: list[Cell]) -> Figure:
    """All cells of one sweep, a panel each over one axis, and below them the canary's tick of each cycle.

    Times are relative to the median of the same setting, not of the cell: differences between settings are the
    other figure's subject, and would hide drift here.
    """
    sweep, launches = cells[0].sweep, material.launches
    of_sweep = launches[launches["sweep"] == sweep]
    if of_sweep.empty:
        return style.empty_figure(f"{sweep}: slices in run order", "no launch has been recorded yet")
    shown, last = _in_order(of_sweep, material.slices)
    figure, panels = plt.subplots(
        len(cells) + 1,
        1,
        figsize=(style.WIDTH, 1.35 + _PANEL * len(cells) + _CANARY),
        height_ratios=[*[_PANEL] * len(cells), _CANARY],
        sharex=True,
        layout="constrained",
    )
    panels[-1].set_xlim(0.3, last + 0.7)
    low, high = style.ratio_limits(shown["relative"].dropna().tolist(), [])
    for panel, cell in zip(panels, cells, strict=False):
        _draw_panel(panel, cell, shown[shown["workload"] == cell.workload])
        style.ratio_axis(panel.yaxis, low, high, apart=0.26)
    ticks = _thinned(shown.dropna(subset=["tick_one_s"]).drop_duplicates("cycle_of_sweep"), [], "cycle_of_sweep")
    draw_canary_panel(panels[-1], ticks["cycle_of_sweep"].tolist(), canary_speeds(ticks))
    panels[-1].set_xlabel("cycle of the sweep, in run order")
    panels[-1].xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, prune="lower"))
    style.title(figure, f"{sweep}: slices in run order")
    style.key(figure, _legend(shown), _NOTE)
    return figure


def _in_order(launches: pd.DataFrame, slices: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """A row a slice, or a launch that has none, with the cycle of the sweep that it belongs to; and the last cycle."""
    named = slices.assign(id=slices["id"].astype("string"))
    shown = launches[["id", *_BLOCK, "setting", "status", "started_at"]].merge(named, on="id", how="left")
    shown["cycle"] = shown["cycle"].fillna(1).astype(int)
    # The launches of a block start one after another, and take their turns together.
    shown["begins"] = shown.groupby(_BLOCK, sort=False)["started_at"].transform("min")
    shown = shown.sort_values(["begins", *_BLOCK, "cycle"]).reset_index(drop=True)
    shown["cycle_of_sweep"] = shown.groupby(["begins", *_BLOCK, "cycle"], sort=False).ngroup() + 1
    times = shown["work_s"].astype(float)
    typical = times.where(_kept(shown)).groupby([shown["workload"], shown["setting"]]).transform("median")
    return shown.assign(relative=times / typical), int(shown["cycle_of_sweep"].max())


def _thinned(shown: pd.DataFrame, of: list[str], by: str) -> pd.DataFrame:
    """Of a long sweep, medians of cycles that follow each other: more dots could not be told apart in print."""
    together = -(-len(shown) // _MOST_DOTS)
    if together <= 1:
        return shown
    numbers = ["cycle_of_sweep", "relative", "tick_one_s", "tick_all_s"]
    return shown.groupby([*of, (shown[by] - 1) // together], sort=False)[numbers].median()


def _kept(shown: pd.DataFrame) -> pd.Series:
    return shown["kept"].fillna(value=False).astype(bool)


def _draw_panel(panel: Axes, cell: Cell, shown: pd.DataFrame) -> None:
    panel.set_title(cell.workload)
    panel.grid(axis="x", visible=False)
    panel.axhline(1, color=style.PALE, linewidth=0.8, zorder=1)
    begins = shown.groupby("round", sort=False)["cycle_of_sweep"].min().astype(float)
    if len(begins) <= _MOST_ROUND_LINES:
        nothing = [0.0] * len(begins)
        transform = panel.get_xaxis_transform()
        look = {"color": style.PALE, "linewidth": 0.8, "linestyle": ":", "zorder": 0, "transform": transform}
        style.bars(panel, (begins - 0.5).tolist(), nothing, [1.0] * len(begins), **look)
    timed = shown.dropna(subset=["relative"])
    kept, baseline = _kept(timed), timed["setting"] == cell.baseline
    looks = ((kept & ~baseline, style.GREY), (kept & baseline, style.BLUE), (~kept, style.ASIDE))
    for which, colour in looks:
        dots = _thinned(timed[which], ["id"], "cycle")
        style.dots(panel, dots["cycle_of_sweep"].tolist(), dots["relative"].tolist(), colour, 1.8)
    mark_failures(panel, shown.loc[shown["status"] != Status.OK, "cycle_of_sweep"].tolist())
    if shown.empty:
        panel.text(0.5, 0.5, "no launch recorded yet", transform=panel.transAxes, ha="center", va="center")
    panel.set(xlabel="", ylabel="time")


def _legend(shown: pd.DataFrame) -> list[Line2D]:
    handles = [
        style.legend_handle("the baseline's slices", style.BLUE, "."),
        style.legend_handle("another setting's", style.GREY, "."),
        *canary_legend(),
    ]
    if (shown["relative"].notna() & ~_kept(shown)).any():
        handles.append(style.legend_handle(SET_ASIDE, style.ASIDE, "."))
    if (shown["status"] != Status.OK).any():
        handles.append(style.legend_handle(style.FAILED, style.FAILURE, "X"))
    return handles
