"""The thread grid of a cell: the speed-up for each pair of pool sizes."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.comparisons.comparison import Comparison
from analysis.figures import style
from analysis.figures.cells import draw_cells
from analysis.figures.conditions import default_pools, thread_grid
from analysis.figures.material import Material
from analysis.wording import TIMES, ratio
from workloads.vocabulary.plan import Cell

_EMPTY = "–"


def draw(material: Material, cells: list[Cell]) -> Figure:
    """The only cell: rows are intra_op, columns inter_op, the colour is the speed-up over the baseline on a log scale.

    TensorFlow's defaults stand where their sizes do, which are the CPUs, unless those were set and measured too.
    """
    [cell], cpus = cells, material.cpus
    title = f"{cell.sweep}, {cell.workload}: speed-up for pairs of pool sizes"
    own = {
        shown.setting: shown
        for shown in material.comparisons
        if (shown.sweep, shown.workload) == (cell.sweep, cell.workload)
    }
    grid = thread_grid(cell)
    default = default_pools(cell) if (cpus, cpus) not in grid else None
    if default is not None:
        grid[cpus, cpus] = default
    if all(own[s.id].ratio is None for s in grid.values() if s.id in own):
        return style.empty_figure(title, "no setting of this grid could be compared with the baseline")
    intras, inters = sorted({intra for intra, _ in grid}), sorted({inter for _, inter in grid})
    values = pd.DataFrame(np.nan, index=intras, columns=inters)
    words = pd.DataFrame(_EMPTY, index=intras, columns=inters)
    for (intra, inter), setting in grid.items():
        comparison = own.get(setting.id)  # the baseline alone has none
        values.at[intra, inter] = (
            0.0 if comparison is None else math.log2(comparison.ratio) if comparison.ratio else math.nan
        )
        words.at[intra, inter] = f"1{TIMES}\nbaseline" if comparison is None else _words(comparison)
    baseline = next(setting.label for setting in cell.settings if setting.id == cell.baseline)
    note = f"baseline: {baseline}"
    if default is not None:
        note += f", where default is {cpus}" if default.id == cell.baseline else f";  default: {cpus}"
    note += ";  ○ no difference resolved;  ≈ equivalent;  ? not tested"
    return _drawn(values, words, title, note + (f";  {_EMPTY} not measured" if len(grid) < words.size else ""))


def _words(comparison: Comparison) -> str:
    if comparison.ratio is None:
        return "not\ncompared"
    return ratio(comparison.ratio) + style.verdict_mark(comparison.verdict).replace(" ", "\n")


def _drawn(values: pd.DataFrame, words: pd.DataFrame, title: str, note: str) -> Figure:
    rows, columns = values.shape
    size = (max(style.WIDTH, 1.3 + 0.5 * columns), 1.15 + 0.38 * rows)
    figure, panel = plt.subplots(figsize=size, layout="constrained")
    reach = draw_cells(panel, values, words)
    bar = panel.collections[0].colorbar
    assert bar is not None  # seaborn draws one unless told not to
    ticker = style.ratio_ticker(2**-reach, 2**reach, apart=0.16 / (0.38 * rows))
    bar.set_ticks([math.log2(tick) for tick in ticker["ticks"]], labels=ticker["labels"])
    bar.set_label("speed-up")
    panel.set(xlabel="inter_op (threads)", ylabel="intra_op (threads)")
    style.title(figure, title)
    figure.supxlabel(style.note(note, size[0]), size=style.SMALL, x=0.02, ha="left")
    return figure
