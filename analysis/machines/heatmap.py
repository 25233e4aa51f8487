"""All machines in one picture: work a second over the first machine's, a row for each, a column for each workload."""

import math
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures import style
from analysis.figures.cells import draw_cells
from analysis.machines.overall import Overall
from analysis.machines.ratios import Ratio
from analysis.wording import ratio

HEATMAP = "machines-heatmap"

_MEAN = "mean"
_EMPTY = "–"
_NOTE = (
    "each machine in the setting that is recommended there; mean: geometric, over the workloads that both measured;  "
    "○ no difference resolved;  ≈ equivalent;  – not compared"
)


def draw_heatmap(best: Sequence[Ratio], means: Sequence[Overall], names: Sequence[str]) -> Figure:
    """The first of `names` is 1 everywhere; a workload in several sweeps counts once, by the first of them."""
    title = f"work a second in the best setting, over {names[0]}'s"
    against = [row for row in best if row.against == names[0] and row.ratio is not None]
    if not against:
        return style.empty_figure(title, "no workload was measured alike on two machines")
    workloads = list(dict.fromkeys(row.workload for row in against))
    values = pd.DataFrame(np.nan, index=list(names), columns=[_MEAN, *workloads])
    words = pd.DataFrame(_EMPTY, index=values.index, columns=values.columns)
    values.loc[names[0]], words.loc[names[0]] = 0.0, ratio(1.0)
    for row in against:
        if words.at[row.machine, row.workload] == _EMPTY:
            values.at[row.machine, row.workload] = math.log2(row.ratio or 1.0)
            words.at[row.machine, row.workload] = ratio(row.ratio) + style.verdict_mark(row.verdict)
    for mean in means:
        values.at[mean.machine, _MEAN], words.at[mean.machine, _MEAN] = math.log2(mean.ratio), ratio(mean.ratio)
    return _drawn(values, words, title)


def _drawn(values: pd.DataFrame, words: pd.DataFrame, title: str) -> Figure:
    rows, columns = values.shape
    size = (max(style.WIDTH, 1.6 + 0.62 * columns), 1.5 + 0.3 * rows)
    figure, panel = plt.subplots(figsize=size, layout="constrained")
    draw_cells(panel, values, words, bar=False)
    panel.set_xticks(np.arange(columns) + 0.5, values.columns, rotation=30, ha="right")
    style.title(figure, title)
    figure.supxlabel(style.note(_NOTE, size[0]), size=style.SMALL, x=0.02, ha="left")
    return figure
