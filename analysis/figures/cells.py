"""The cells of a heat map: ratios as colours around 1, on a log scale, and as words."""

import math

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from analysis.figures import style

_LEAST_REACH = math.log2(1.1)  # below this, noise would fill the whole colour scale


def draw_cells(panel: Axes, values: pd.DataFrame, words: pd.DataFrame, *, bar: bool = True) -> float:
    """Draw `values`, logarithms to base 2 or NaN, with their words (both rows x columns); gives the scale's reach.

    What has no value is a pale cell with its words in italics. `bar`: with a colour bar.
    """
    reach = max(_LEAST_REACH, float(np.nanmax(np.abs(values.to_numpy()))))
    sns.heatmap(
        values,
        annot=words.to_numpy(),
        fmt="",
        cmap=style.diverging(),
        vmin=-reach,
        vmax=reach,
        linewidths=1,
        linecolor=style.PALE,
        annot_kws={"size": style.SMALL},
        cbar=bar,
        ax=panel,
    )
    panel.grid(visible=False)
    panel.set_facecolor(style.PALE)  # seen where there is no value
    for row, column in zip(*np.nonzero(values.isna().to_numpy()), strict=True):
        panel.text(
            *(column + 0.5, row + 0.5, str(words.to_numpy()[row, column])),
            ha="center",
            va="center",
            color=style.INK,
            style="italic",
            size=style.SMALL,
        )
    panel.tick_params(axis="y", rotation=0)
    return reach
