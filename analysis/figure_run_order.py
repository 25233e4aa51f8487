"""The run-order figure of a sweep: all samples in the order in which they were taken: drift, spells, failures."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from analysis import style
from workloads.plan import Cell

_MOST_ROUND_LINES = 40
_SPAN = 0.8  # of the distance between two launches that one launch's samples take up


def draw_run_order(cells: list[Cell], launches: pd.DataFrame, samples: pd.DataFrame) -> Figure:
    """All cells of one sweep, a panel each; warm-up is left out.

    Times are relative to the median of the same setting, not of the cell: differences between settings are the
    other figure's subject, and would hide drift here.
    """
    sweep = cells[0].sweep
    ours = launches[launches["sweep"] == sweep]
    if ours.empty:
        return style.empty_figure(f"{sweep}: launches in run order", "no launch has been recorded yet")
    shown = pd.concat([_relative(ours[ours["workload"] == cell.workload]) for cell in cells])
    figure, grid = plt.subplots(
        len(cells),
        1,
        figsize=(9, 1.3 + 1.55 * len(cells)),
        sharex=True,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    valid = shown.dropna(subset=["median"])
    dots = _dots(valid, samples)
    low, high = style.ratio_limits(valid["median"].tolist(), [*valid["p5"], *valid["p95"]])
    for panel, cell in zip(grid.flat, cells, strict=True):
        _draw_dots(panel, dots[dots["workload"] == cell.workload])
        _draw_panel(panel, cell, shown[shown["workload"] == cell.workload])
        style.ratio_axis(panel.yaxis, low, high, apart=0.2)
    grid[-1, 0].set_xlabel("launch of the workload, in the order in which they ran (vertical lines: a round begins)")
    grid[-1, 0].xaxis.set_major_locator(MaxNLocator(integer=True, prune="lower"))
    grid[-1, 0].set_xlim(0.3, shown["launch"].max() + 0.7)
    figure.suptitle(f"{sweep}: launches in run order", weight="bold")
    figure.supylabel("time a call ÷ median of the same setting", size=9)
    figure.legend(handles=_legend(ours), loc="outside lower center", ncols=4, frameon=False)
    return figure


def _relative(launches: pd.DataFrame) -> pd.DataFrame:
    """One cell's launches in run order, with their times relative to their setting's median launch."""
    ordered = launches.sort_values(["started_at", "round", "position"]).reset_index(drop=True)
    valid = ordered["status"] == "ok"
    typical = ordered["median_s"].where(valid).groupby(ordered["setting"]).transform("median")
    return pd.DataFrame(
        {
            "id": ordered["id"],
            "workload": ordered["workload"],
            "setting": ordered["setting"],
            "round": ordered["round"].astype(int),
            "launch": range(1, len(ordered) + 1),
            "typical": typical,
            "median": (ordered["median_s"] / typical).where(valid),
            "p5": (ordered["p5_s"] / typical).where(valid),
            "p95": (ordered["p95_s"] / typical).where(valid),
        }
    )


def _dots(valid: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """Where each sample goes: beside its launch's place, in order; relative like the launch's median."""
    timed = samples[~samples["warmup"]].assign(id=lambda table: table["id"].astype("string"))
    dots = timed.merge(valid[["id", "workload", "launch", "typical"]], on="id")
    within = dots.groupby("id", sort=False)["seconds"]
    share = (within.cumcount() + 0.5) / within.transform("size")
    return dots.assign(at=dots["launch"] + _SPAN * (share - 0.5), relative=dots["seconds"] / dots["typical"])


def _draw_dots(panel: Axes, dots: pd.DataFrame) -> None:
    # As pixels, in the SVG too: tens of thousands of vector dots would make it slow to show.
    positions, times = np.asarray(dots["at"], dtype=float), np.asarray(dots["relative"], dtype=float)
    panel.scatter(positions, times, s=2, color=style.SAMPLE, linewidths=0, rasterized=True, zorder=1.5)


def _draw_panel(panel: Axes, cell: Cell, shown: pd.DataFrame) -> None:
    panel.set_title(cell.workload, loc="left")
    panel.grid(axis="x", visible=False)
    panel.axhline(1, color=style.BLACK, linewidth=0.8, zorder=1)
    begins = shown.loc[shown["round"].diff() != 0, "launch"]
    for launch in begins if len(begins) <= _MOST_ROUND_LINES else []:
        panel.axvline(launch - 0.5, color=style.PALE, linewidth=0.8, zorder=0)
    valid = shown.dropna(subset=["median"]).assign(role=lambda table: table["setting"] == cell.baseline)
    if len(valid):
        sns.scatterplot(
            data=valid,
            x="launch",
            y="median",
            hue="role",
            style="role",
            palette={True: style.BLACK, False: style.GREY},
            markers={True: "D", False: "o"},
            s=22,
            legend=False,
            ax=panel,
            zorder=3,
        )
    failed = shown.loc[shown["median"].isna(), "launch"]
    panel.plot(
        failed,
        [0.06] * len(failed),
        "X",
        transform=panel.get_xaxis_transform(),
        color=style.PINK,
        mec=style.BLACK,
        mew=0.5,
        markersize=7,
        zorder=4,
    )
    if shown.empty:
        panel.text(0.5, 0.5, "no launch recorded yet", transform=panel.transAxes, ha="center", va="center")
    panel.set(xlabel="", ylabel="")


def _legend(launches: pd.DataFrame) -> list[Line2D]:
    handles = [
        style.legend_handle("baseline's median", style.BLACK, "D"),
        style.legend_handle("another setting's median", style.GREY, "o"),
        style.legend_handle("a sample (the slowest may lie beyond the edge)", style.SAMPLE, "."),
    ]
    if (launches["status"] != "ok").any():
        handles.append(style.legend_handle(style.FAILED, style.PINK, "X"))
    return handles
