"""One look for all figures: what each colour and marker means, their size, how ratios are drawn, how files are written.

A colour means one thing in every figure. Those of verdicts are of seaborn's "colorblind" palette; blue and orange also
differ in grey, and each verdict has a marker of its own. INK and PAPER follow the page that an SVG stands in
(analysis.figures.svg). Figures are drawn at the width of one column of a paper, where 8 points are 8 points; only
those with very many settings are wider. Files hold no date and no version, so that the same records give the same
bytes.
"""

import io
import math
import textwrap
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")  # before pyplot is imported: no display is needed or looked for

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from analysis.comparisons.verdict import Verdict
from analysis.figures import svg
from analysis.margin import MARGIN
from analysis.wording import TIMES
from workloads.vocabulary.documents import write_text
from workloads.vocabulary.errors import naming

_COLOURS = sns.color_palette("colorblind").as_hex()
INK, PAPER = svg.INK, svg.PAPER  # in an SVG, the page's own
BLUE, ORANGE, GREEN, GREY = _COLOURS[0], _COLOURS[1], _COLOURS[2], "#757575"
FAILURE = _COLOURS[4]  # a launch that failed
ASIDE = _COLOURS[3]  # a launch that was set aside
ALL_CPUS = _COLOURS[9]  # the canary on all CPUs; on one CPU it is drawn in INK
PALE = f"{INK}4d"  # three tenths of INK: what lies behind, such as samples, margins, other settings

VERDICT_COLOURS = {
    Verdict.FASTER: BLUE,
    Verdict.SLOWER: ORANGE,
    Verdict.LESS: BLUE,
    Verdict.MORE: ORANGE,
    Verdict.EQUIVALENT: GREEN,
    Verdict.UNRESOLVED: GREY,
}
VERDICT_MARKERS = {
    Verdict.FASTER: ">",
    Verdict.SLOWER: "<",
    Verdict.LESS: ">",
    Verdict.MORE: "<",
    Verdict.EQUIVALENT: "s",
    Verdict.UNRESOLVED: "o",
}
NOT_TESTED = "not tested"
BASELINE = "baseline"
FAILED = "failed launch"

# Inches: a column of a paper set in two.
WIDTH = 3.35

# Points: letters, and those of notes and marks in a cell. Nothing is smaller.
SIZE, SMALL = 8, 7

# Inches from one line of text to the next, so that they stand apart.
LINE = 0.14

_RC = {
    "svg.fonttype": "none",
    "svg.hashsalt": "threadmark",
    "path.simplify": False,  # would drop the short strokes that `dots` draws
    "font.family": "DejaVu Sans",  # comes with matplotlib
    "font.size": SIZE,
    "axes.titlesize": SIZE,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 3,
    "axes.labelsize": SIZE,
    "axes.labelpad": 2,
    "xtick.labelsize": SIZE,
    "ytick.labelsize": SIZE,
    "xtick.major.pad": 2,
    "ytick.major.pad": 2,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "figure.titlesize": SIZE,
    "figure.titleweight": "bold",
    "legend.fontsize": SMALL,
    "legend.title_fontsize": SMALL,
    "legend.frameon": False,
    "legend.handletextpad": 0.3,
    "legend.columnspacing": 1.0,
    "legend.labelspacing": 0.3,
    "legend.borderpad": 0.2,
    "axes.facecolor": "none",
    "axes.edgecolor": PALE,
    "axes.linewidth": 0.8,
    "grid.color": INK,
    "grid.alpha": 0.15,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "figure.dpi": 100,
    "savefig.dpi": 200,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "figure.constrained_layout.h_pad": 0.03,
    "figure.constrained_layout.w_pad": 0.03,
    "figure.constrained_layout.hspace": 0.02,
    "figure.constrained_layout.wspace": 0.02,
}

# From coarse to fine, 1 in each.
_LADDERS: tuple[tuple[float, ...], ...] = (
    (0.0001, 0.001, 0.01, 0.1, 1, 10, 100, 1000, 10000),
    (0.01, 0.1, 1, 10, 100),
    (0.25, 0.5, 1, 2, 4, 8, 16),
    (0.5, 0.7, 1, 1.5, 2, 3, 4, 5),
    (0.6, 0.8, 1, 1.2, 1.5, 2),
    (0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.4),
    (0.8, 0.9, 1, 1.1, 1.2),
    (0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.15),
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
    low, high = min(low, 1 / (1 + MARGIN)), max(high, 1 + MARGIN)
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
    """Orange (slower) by white to blue (faster), in steps: an SVG holds a path for each."""
    return LinearSegmentedColormap.from_list("threadmark", [ORANGE, "#ffffff", BLUE], N=41)


def dots(panel: Axes, at: Sequence[float], values: Sequence[float], colour: str, points: float) -> None:
    """Draw many round dots of a diameter as one path, on a linear horizontal axis whose limits are set.

    An SVG file holds fifteen bytes for each then, and not a hundred.
    """
    low, high = panel.get_xlim()
    x, y = np.asarray(at, dtype=float), np.asarray(values, dtype=float)
    # A stroke of no length has no round ends for matplotlib.
    strokes = np.column_stack([x, x + 1e-5 * (high - low), np.full(len(x), np.nan)]).ravel()
    # Snapped to pixels, strokes this short would have no length again.
    panel.plot(strokes, np.repeat(y, 3), color=colour, linewidth=points, solid_capstyle="round", snap=False)


def bars(panel: Axes, at: Sequence[float], low: Sequence[float], high: Sequence[float], **look: Any) -> None:
    """Draw upright strokes from `low` to `high`, all as one path."""
    nothing = np.full(len(at), np.nan)
    panel.plot(np.repeat(np.asarray(at, dtype=float), 3), np.column_stack([low, high, nothing]).ravel(), **look)


def legend_handle(label: str, colour: str, marker: str, hollow: bool = False) -> Line2D:
    """An entry of a legend that shows a marker alone."""
    return Line2D(
        [], [], linestyle="", marker=marker, markersize=5, color=colour, mfc=PAPER if hollow else colour, label=label
    )


def legend_line(label: str, colour: str, linestyle: Any = "-", linewidth: float = 1.2) -> Line2D:
    """An entry of a legend that shows a line alone."""
    return Line2D([], [], linestyle=linestyle, linewidth=linewidth, color=colour, label=label)


def verdict_look(verdict: Verdict) -> dict[str, Any]:
    """How a comparison's marker is drawn: in the colour of its verdict, hollow if nothing was tested."""
    colour = VERDICT_COLOURS.get(verdict, GREY)
    tested = verdict in VERDICT_COLOURS
    return {"marker": VERDICT_MARKERS.get(verdict, "o"), "color": colour, "mfc": colour if tested else PAPER}


def verdict_mark(verdict: Verdict) -> str:
    """What stands behind a ratio in a cell of a heat map, where it is no difference."""
    if verdict.is_difference:
        return ""
    return {Verdict.UNRESOLVED: " ○", Verdict.EQUIVALENT: " ≈"}.get(verdict, " ?")


def verdict_handles(seen: Collection[Verdict]) -> list[Line2D]:
    """The entries of a legend for the verdicts that a figure shows."""
    handles = [
        legend_handle(verdict, VERDICT_COLOURS[verdict], VERDICT_MARKERS[verdict])
        for verdict in VERDICT_COLOURS
        if verdict in seen
    ]
    if set(seen) - set(VERDICT_COLOURS):
        handles.append(legend_handle(NOT_TESTED, GREY, "o", hollow=True))
    return handles


def note(text: str, width: float) -> str:
    """A note below a figure, broken into lines that fit `width` inches."""
    return textwrap.fill(text, round(width / 0.057))


def key(figure: Figure, handles: Sequence[Line2D], text: str, columns: int = 2) -> None:
    """The legend below a figure, under a note on what is drawn."""
    words = note(text, figure.get_size_inches()[0])
    figure.legend(handles=handles, title=words, loc="outside lower center", ncols=columns, alignment="left")


def title(figure: Figure, text: str) -> None:
    """The figure's title, broken into lines that fit."""
    figure.suptitle(textwrap.fill(text, round(figure.get_size_inches()[0] / 0.084)))


def empty_figure(heading: str, reason: str) -> Figure:
    """A figure for which there is no data, saying so and why."""
    lines = [textwrap.fill(heading, 40), textwrap.fill(f"no data: {reason}", 50)]
    counts = [line.count("\n") + 1 for line in lines]
    height = 0.3 + LINE * (sum(counts) + 1)
    figure = plt.figure(figsize=(WIDTH, height))
    figure.text(0.5, 1 - 0.12 / height, lines[0], ha="center", va="top", weight="bold")
    figure.text(0.5, 0.12 / height, lines[1], ha="center", va="bottom", color=GREY)
    return figure


def save(figure: Figure, folder: Path, stem: str) -> None:
    """Write `stem`.svg and `stem`.png, the same bytes for the same figure."""
    folder.mkdir(parents=True, exist_ok=True)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # it stands now; each file would have it reckoned anew
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    write_text(folder / f"{stem}.svg", svg.for_page(drawn.getvalue(), stem))
    with naming(folder / f"{stem}.png"):
        figure.savefig(folder / f"{stem}.png", metadata={"Software": None})
    plt.close(figure)


def panel_grid(panels: int, most: int) -> tuple[int, int]:
    """Rows and columns for so many panels, at most so many side by side."""
    columns = min(panels, most)
    return math.ceil(panels / columns), columns
