"""The whole run in one picture: what its launches took, and below it what the canary said of the machine."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from analysis.figures import style
from analysis.figures.material import Material
from workloads.vocabulary.plan import Cell
from workloads.vocabulary.record import Status

_TITLE = "the whole run: launches and canary"
_HEIGHT = 3.7
SET_ASIDE = "launch set aside"


def draw(material: Material, cells: list[Cell]) -> Figure:
    """Two panels over the run's minutes: launches relative to their setting's median, and the canary."""
    launches = material.launches
    seen = launches.dropna(subset=["canary_one_s"])
    if launches.empty:
        return style.empty_figure(_TITLE, "no launch has been recorded yet")
    started = pd.to_datetime(launches["started_at"], utc=True, format="ISO8601", errors="coerce")
    minute = (started - started.min()).dt.total_seconds() / 60
    figure, (times, canary) = plt.subplots(
        2, 1, figsize=(style.WIDTH, _HEIGHT), height_ratios=(3, 2), sharex=True, layout="constrained"
    )
    end = float(minute.max()) or 1.0
    times.set_xlim(-0.02 * end, 1.02 * end)
    _draw_times(times, minute, launches)
    draw_canary_panel(canary, minute.loc[seen.index].tolist(), canary_speeds(seen))
    canary.set_xlabel("minutes since the first launch")
    style.title(figure, _TITLE)
    handles = [style.legend_handle("launch that counts", style.GREY, "."), *failures_legend(launches), *canary_legend()]
    style.key(figure, handles, "time: a call's, over the median of the same setting in that sweep")
    return figure


def canary_speeds(launches: pd.DataFrame) -> pd.DataFrame:
    """A row a launch: the canary's speed on `one` CPU and on `all` at once, over its median of these launches."""
    columns = {which: launches[f"canary_{which}_s"].astype(float) for which in ("one", "all")}
    return pd.DataFrame({which: seconds.median() / seconds for which, seconds in columns.items()})


def draw_canary_panel(panel: Axes, at: Sequence[float], speeds: pd.DataFrame) -> None:
    """The canary beside launches that stand at these places; the horizontal limits must be set."""
    panel.axhline(1, color=style.PALE, linewidth=0.8, zorder=1)
    style.dots(panel, at, speeds["all"].tolist(), style.ALL_CPUS, 2.6)
    style.dots(panel, at, speeds["one"].tolist(), style.INK, 1.6)
    highest = float(np.nanmax(speeds.to_numpy())) if len(speeds) else 1.0
    panel.set(ylabel="canary ÷\nits median", ylim=(0, max(1.25, 1.08 * highest)))
    panel.yaxis.set_major_locator(MaxNLocator(nbins=4, prune="lower"))  # a 0 would meet that of the other axis
    panel.grid(axis="x", visible=False)


def canary_legend() -> list[Line2D]:
    """The entries for what `draw_canary_panel` draws."""
    return [
        style.legend_handle("canary on one CPU", style.INK, "."),
        style.legend_handle("canary on all CPUs at once", style.ALL_CPUS, "."),
    ]


def mark_failures(panel: Axes, at: Sequence[float]) -> None:
    """A cross at the foot of a panel for each launch that failed."""
    look = {"color": style.FAILURE, "mec": style.INK, "mew": 0.5, "markersize": 5, "linestyle": "", "zorder": 4}
    panel.plot(at, [0.06] * len(at), "X", transform=panel.get_xaxis_transform(), **look)


def _draw_times(panel: Axes, minute: pd.Series, launches: pd.DataFrame) -> None:
    valid = launches["status"] == Status.OK
    same = [launches[key] for key in ("definition", "workload", "setting")]
    typical = launches["median_s"].where(valid).groupby(same)
    relative = (launches["median_s"] / typical.transform("median")).where(valid).astype(float)
    low, high = style.ratio_limits(relative.dropna().tolist(), [])
    style.ratio_axis(panel.yaxis, low, high, apart=0.13)
    panel.axhline(1, color=style.PALE, linewidth=0.8, zorder=1)
    aside = launches["set_aside"].fillna(False).astype(bool)
    style.dots(panel, minute[valid & ~aside].tolist(), relative[valid & ~aside].tolist(), style.GREY, 1.8)
    panel.plot(minute[valid & aside], relative[valid & aside], "x", color=style.ASIDE, markersize=3.5, mew=0.9)
    mark_failures(panel, minute[~valid].dropna().tolist())
    panel.grid(axis="x", visible=False)
    panel.set_ylabel("time ÷ median of\nthe same setting")


def failures_legend(launches: pd.DataFrame) -> list[Line2D]:
    """The entries for launches that were set aside and for those that failed, if there are any."""
    handles = []
    if launches["set_aside"].fillna(False).any():
        handles.append(style.legend_handle(SET_ASIDE, style.ASIDE, "x"))
    if (launches["status"] != Status.OK).any():
        handles.append(style.legend_handle(style.FAILED, style.FAILURE, "X"))
    return handles
