"""The latency figure of a sweep: how many calls take no longer than so much, for each setting."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from analysis.figures import style
from analysis.figures.conditions import has_latency
from analysis.figures.labels import RowNames, row_names
from analysis.figures.material import Material
from workloads.vocabulary.plan import Cell
from workloads.vocabulary.record import Status

_PANEL = 1.5  # inches
_POINTS = 160  # of a curve: more cannot be told apart in print
_MOST_NAMED = 5  # settings, beside the baseline, that lines can tell apart
_LINES = ("--", ":", "-.", (0, (6, 1, 1, 1, 1, 1)), (0, (1, 3)))
_SHARES = (0.0, 0.5, 0.9, 0.99, 0.999, 0.9999)
_OTHERS = "other settings"
_NOTE = (
    "share of calls that take no longer, on a scale that shows the tail; the calls of all launches of a setting "
    "together, which describes them: comparisons rest on launches"
)

Look = dict[str, Any]


def draw(material: Material, cells: list[Cell]) -> Figure:
    """A panel for each cell of the sweep whose metric is latency, where one sample is one call."""
    sweep, launches = cells[0].sweep, material.launches
    heading = f"{sweep}: latencies"
    shown = [cell for cell in cells if has_latency(cell)]
    valid = launches[
        (launches["sweep"] == sweep) & (launches["status"] == Status.OK) & (launches["metric"] == "latency")
    ]
    calls = _calls(valid[~valid["set_aside"].astype(bool)], material.samples)
    if calls.empty:
        return style.empty_figure(heading, "no launch has measured latencies yet")
    rows = len(shown)
    names = row_names(shown[0].settings)
    figure, grid = plt.subplots(
        rows, 1, figsize=(style.WIDTH, rows * (_PANEL + 0.3) + 1.4), squeeze=False, layout="constrained"
    )
    looks = _looks(shown, calls)
    for panel, cell in zip(grid.flat, shown, strict=True):
        _draw_panel(panel, cell, calls[calls["workload"] == cell.workload], looks)
    grid[-1, 0].set_xlabel("time a call (ms, log scale)")
    style.title(figure, heading)
    figure.supylabel("share of calls", size=style.SIZE)
    style.key(figure, _legend(shown[0], names, looks), f"{_NOTE}; lines: {' '.join(names.heading.split())}")
    return figure


def _calls(launches: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """One row a timed call of these launches: workload, setting, milliseconds."""
    timed = samples[~samples["warmup"]].assign(id=lambda table: table["id"].astype("string"))
    calls = timed.merge(launches[["id", "workload", "setting"]], on="id")
    return calls.assign(ms=1e3 * calls["seconds"])


def _looks(cells: list[Cell], calls: pd.DataFrame) -> dict[str, Look]:
    """Setting id -> its line. Where lines cannot tell all settings apart: the fastest and slowest on average only."""
    baselines = {cell.baseline for cell in cells}
    settings = [setting.id for setting in cells[0].settings if setting.id not in baselines]
    if len(settings) > _MOST_NAMED:
        medians = calls.groupby(["workload", "setting"])["ms"].median().groupby("setting").prod()
        ranked = [str(setting) for setting in medians.sort_values().index if setting in settings]
        settings = [ranked[0], ranked[-1]] if len(ranked) > 1 else ranked
    plain: Look = {"color": style.INK, "linestyle": "-", "linewidth": 1.4, "zorder": 3}
    looks = dict.fromkeys(baselines, plain)
    for setting, line in zip(settings, _LINES, strict=False):
        looks[setting] = {"color": style.INK, "linestyle": line, "linewidth": 1.1, "zorder": 2.5}
    return looks


def _draw_panel(panel: Axes, cell: Cell, calls: pd.DataFrame, looks: dict[str, Look]) -> None:
    panel.set_title(cell.workload)
    most = 0
    for setting in cell.settings:
        ms = calls.loc[calls["setting"] == setting.id, "ms"].to_numpy(dtype=float)
        if len(ms) == 0:
            continue
        most = max(most, len(ms))
        height = np.linspace(0, _height(1 - 0.5 / len(ms)), min(_POINTS, 2 * len(ms)))
        look = looks.get(setting.id, {"color": style.PALE, "linewidth": 0.7, "zorder": 2})
        panel.plot(np.quantile(ms, 1 - 10.0**-height), height, **look)
    if not most:
        panel.text(0.5, 0.5, "no launch recorded yet", transform=panel.transAxes, ha="center", va="center")
    shares = [share for share in _SHARES if share <= 1 - 1 / max(most, 2)]
    panel.set_yticks([_height(share) for share in shares], [f"{100 * share:g} %" for share in shares])
    panel.set_xscale("log")
    panel.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=6))
    panel.xaxis.set_minor_locator(NullLocator())
    panel.xaxis.set_major_formatter(FuncFormatter(lambda ms, _: f"{ms:g}"))


def _height(share: float) -> float:
    """Where a share of calls stands: 0 % at 0, 90 % at 1, 99 % at 2."""
    return float(-np.log10(1 - share))


def _legend(cell: Cell, names: RowNames, looks: dict[str, Look]) -> list[Line2D]:
    handles = []
    for setting in cell.settings:
        if setting.id in looks:
            look = looks[setting.id]
            name = names.names[setting.id] + (f" ({style.BASELINE})" if setting.id == cell.baseline else "")
            handles.append(style.legend_line(name, style.INK, look["linestyle"], look["linewidth"]))
    if len(looks) < len(cell.settings):
        handles.append(style.legend_line(_OTHERS, style.PALE, "-", 0.7))
    return handles
