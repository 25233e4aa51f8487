"""The whole run in one picture: what its launches took, and below it what the canary's ticks said of the machine."""

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
_MOST_TICKS = 150
SET_ASIDE = "cycle set aside"
_LOOK_ASIDE = {"color": style.ASIDE, "markersize": 3.5, "mew": 0.9, "linestyle": ""}


def draw(material: Material, cells: list[Cell]) -> Figure:
    """Two panels over the run's minutes: launches relative to their setting's median, and a tick for each cycle."""
    launches = material.launches
    if launches.empty:
        return style.empty_figure(_TITLE, "no launch has been recorded yet")
    timed = _with_minutes(launches)
    ticks = _ticks(timed, material.slices)
    figure, (times, canary) = plt.subplots(
        2, 1, figsize=(style.WIDTH, _HEIGHT), height_ratios=(3, 2), sharex=True, layout="constrained"
    )
    end = float((timed["minute"] + timed["minutes"]).max()) or 1.0
    times.set_xlim(-0.02 * end, 1.02 * end)
    _draw_times(times, timed)
    shown = _thinned(ticks)
    draw_canary_panel(canary, shown["at"].tolist(), canary_speeds(shown))
    aside = ticks[~ticks["kept"].astype(bool)]
    style.dots(canary, aside["at"].tolist(), [0.06] * len(aside), style.ASIDE, 2.6)
    canary.set_xlabel("minutes since the first launch")
    style.title(figure, _TITLE)
    handles = [style.legend_handle("launch", style.GREY, "."), *canary_legend()]
    if len(aside):
        handles.append(style.legend_handle(SET_ASIDE, style.ASIDE, "."))
    if (launches["status"] != Status.OK).any():
        handles.append(style.legend_handle(style.FAILED, style.FAILURE, "X"))
    style.key(figure, handles, "time: a call's, over the median of the same setting in that sweep")
    return figure


def _with_minutes(launches: pd.DataFrame) -> pd.DataFrame:
    started = pd.to_datetime(launches["started_at"], utc=True, format="ISO8601", errors="coerce")
    return launches.assign(
        minute=(started - started.min()).dt.total_seconds() / 60, minutes=launches["wall_s"].astype(float) / 60
    )


def _ticks(launches: pd.DataFrame, slices: pd.DataFrame) -> pd.DataFrame:
    """One row a cycle of a block, at about the minute in which it was."""
    columns = ["id", "definition", "round", "block", "minute", "minutes", "cycles"]
    named = slices.assign(id=slices["id"].astype("string")).dropna(subset=["tick_one_s"])
    ticks = named.merge(launches[columns], on="id").drop_duplicates(["definition", "round", "block", "cycle"])
    through = (ticks["cycle"].astype(float) - 0.5) / ticks["cycles"].astype(float)
    return ticks.assign(at=ticks["minute"] + ticks["minutes"] * through)


def _thinned(ticks: pd.DataFrame) -> pd.DataFrame:
    """Of a long run, medians of ticks that follow each other: more dots could not be told apart in print."""
    numbers = ticks[["at", "tick_one_s", "tick_all_s"]].sort_values("at", ignore_index=True)
    return numbers.groupby(numbers.index // -(-max(1, len(numbers)) // _MOST_TICKS)).median()


def canary_speeds(ticks: pd.DataFrame) -> pd.DataFrame:
    """A row a tick: the canary's speed on `one` CPU and on `all` at once, over its median of these ticks."""
    columns = {which: ticks[f"tick_{which}_s"].astype(float) for which in ("one", "all")}
    return pd.DataFrame({which: seconds.median() / seconds for which, seconds in columns.items()})


def draw_canary_panel(panel: Axes, at: Sequence[float], speeds: pd.DataFrame) -> None:
    """The canary's ticks at these places; the horizontal limits must be set."""
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


def _draw_times(panel: Axes, launches: pd.DataFrame) -> None:
    valid = launches["status"] == Status.OK
    same = [launches[key] for key in ("definition", "workload", "setting")]
    typical = launches["call_s"].where(valid).groupby(same)
    relative = (launches["call_s"] / typical.transform("median")).where(valid).astype(float)
    low, high = style.ratio_limits(relative.dropna().tolist(), [])
    style.ratio_axis(panel.yaxis, low, high, apart=0.13)
    panel.axhline(1, color=style.PALE, linewidth=0.8, zorder=1)
    aside = launches["set_aside"].fillna(value=False).astype(bool)
    middle = launches["minute"] + launches["minutes"] / 2
    style.dots(panel, middle[valid & ~aside].tolist(), relative[valid & ~aside].tolist(), style.GREY, 1.8)
    panel.plot(middle[valid & aside], relative[valid & aside], "x", **_LOOK_ASIDE)
    mark_failures(panel, middle[~valid].dropna().tolist())
    panel.grid(axis="x", visible=False)
    panel.set_ylabel("time ÷ median of\nthe same setting")
