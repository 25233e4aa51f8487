"""One look for all figures: what each colour and marker means, how ratios are drawn, how files are written.

Colours are of seaborn's "colorblind" palette; blue and orange also differ in grey, and each verdict has a marker of its
own. Files hold no date and no version, and ids in SVG are salted, so that the same records give the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")  # before pyplot is imported: no display is needed or looked for

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.axis import XAxis, YAxis
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from analysis import comparison
from analysis.wording import TIMES

_COLOURS = sns.color_palette("colorblind").as_hex()
BLUE, ORANGE, GREEN, PINK, GREY = _COLOURS[0], _COLOURS[1], _COLOURS[2], _COLOURS[4], "#6e6e6e"
BLACK, PALE, SAMPLE = "#000000", "#dddddd", "#b0b0b0"

VERDICT_COLOURS = {
    comparison.FASTER: BLUE,
    comparison.SLOWER: ORANGE,
    comparison.EQUIVALENT: GREEN,
    comparison.UNRESOLVED: GREY,
}
VERDICT_MARKERS = {
    comparison.FASTER: ">",
    comparison.SLOWER: "<",
    comparison.EQUIVALENT: "s",
    comparison.UNRESOLVED: "o",
}
NOT_TESTED = "not tested"
BASELINE = "baseline"
FAILED = "failed launch"

_RC = {
    "svg.hashsalt": "threadmark",
    "svg.fonttype": "path",  # the same letters on a machine without the font
    "font.family": "DejaVu Sans",  # comes with matplotlib
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.labelsize": 9,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 9,
    "legend.title_fontsize": 9,
    "figure.dpi": 100,
    "savefig.dpi": 150,
    "savefig.facecolor": "white",  # legible on a dark page too
}

# From coarse to fine, 1 in each.
_LADDERS: tuple[tuple[float, ...], ...] = (
    (0.0001, 0.001, 0.01, 0.1, 1, 10, 100, 1000, 10000),
    (0.01, 0.1, 0.25, 0.5, 1, 2, 4, 10, 100),
    (0.125, 0.25, 0.5, 1, 2, 4, 8, 16),
    (0.3, 0.4, 0.5, 0.7, 1, 1.5, 2, 3, 4, 5),
    (0.5, 0.6, 0.7, 0.8, 1, 1.2, 1.4, 1.7, 2),
    (0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.6, 1.8),
    (0.8, 0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.15, 1.2),
    (0.94, 0.96, 0.98, 1, 1.02, 1.04, 1.06),
    (0.98, 0.99, 1, 1.01, 1.02),
)


@contextmanager
def figure_style() -> Iterator[None]:
    """Draw and save inside this, whatever the process's own settings are."""
    with mpl.rc_context():
        sns.set_theme(style="whitegrid", rc=_RC)
        try:
            yield
        finally:
            plt.close("all")


def ratio_ticks(low: float, high: float, apart: float) -> list[float]:
    """Round ratios between `low` and `high` for a log axis, as many as stand at least `apart` of its length apart."""
    least = apart * math.log(high / low)
    fitting = [[tick for tick in ladder if low <= tick <= high] for ladder in _LADDERS]
    roomy = [ticks for ticks in fitting if all(math.log(b / a) >= least for a, b in pairwise(ticks))]
    return max(roomy, key=len, default=[1.0])


def ratio_limits(points: Sequence[float], bounds: Sequence[float]) -> tuple[float, float]:
    """Limits of a ratio axis: all points and 1, and the bounds as far as three times beyond the points.

    With two pairs an interval may span a thousandfold; showing all of it would hide every point.
    """
    low, high = min(points, default=1.0), max(points, default=1.0)
    low, high = min(low, 1 / 1.02), max(high, 1.02)
    inner = [bound for bound in bounds if low / 3 <= bound <= high * 3]
    low = low / 3 if any(bound < low / 3 for bound in bounds) else min([low, *inner])
    high = high * 3 if any(bound > high * 3 for bound in bounds) else max([high, *inner])
    margin = 1.04 * (high / low) ** 0.03
    return low / margin, high * margin


def ratio_ticker(low: float, high: float, apart: float) -> dict[str, Any]:
    """Tick positions and labels such as 0.5 and 1 with the multiplication sign: the arguments of `set_ticks`."""
    ticks = ratio_ticks(low, high, apart)
    return {"ticks": ticks, "labels": [f"{tick:g}{TIMES}" for tick in ticks]}


def ratio_axis(axis: XAxis | YAxis, low: float, high: float, apart: float) -> None:
    """Make an axis logarithmic with round ratios for labels, at least `apart` of its length from each other."""
    if isinstance(axis, XAxis):
        axis.axes.set(xscale="log", xlim=(low, high))
    else:
        axis.axes.set(yscale="log", ylim=(low, high))
    axis.set_ticks(**ratio_ticker(low, high, apart))
    axis.set_minor_locator(NullLocator())


def diverging() -> Colormap:
    """Orange (slower) by white to blue (faster)."""
    return LinearSegmentedColormap.from_list("threadmark", [ORANGE, "#ffffff", BLUE])


def legend_handle(label: str, colour: str, marker: str, hollow: bool = False) -> Line2D:
    """An entry of a legend that shows a marker alone."""
    return Line2D(
        [], [], linestyle="", marker=marker, markersize=6, color=colour, mfc="white" if hollow else colour, label=label
    )


def empty_figure(title: str, reason: str) -> Figure:
    """A figure for which there is no data, saying so and why."""
    figure = plt.figure(figsize=(7, 1.6))
    figure.text(0.5, 0.7, title, ha="center", weight="bold")
    figure.text(0.5, 0.35, f"no data: {reason}", ha="center", color=GREY, wrap=True)
    return figure


def save(figure: Figure, folder: Path, stem: str) -> None:
    """Write `stem`.svg and `stem`.png, the same bytes for the same figure."""
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / f"{stem}.svg", metadata={"Date": None, "Creator": None})
    figure.savefig(folder / f"{stem}.png", metadata={"Software": None})
    plt.close(figure)


def panel_grid(panels: int, most: int = 4) -> tuple[int, int]:
    """Rows and columns for so many panels."""
    columns = min(panels, most)
    return math.ceil(panels / columns), columns
