"""The course of each workload over images, such as versions of TensorFlow, in the config's order."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.comparisons.comparison import Comparison
from analysis.figures import style
from analysis.figures.conditions import images_in_order
from analysis.figures.material import Material
from workloads.vocabulary.plan import Cell
from workloads.vocabulary.record import Setting

_PANEL = 1.35  # inches
_NOTE = "bars: 95 % interval of that comparison alone; log scale"


def draw(material: Material, cells: list[Cell]) -> Figure:
    """A panel for each cell: speed-up over the baseline's image, image by image."""
    sweep = cells[0].sweep
    heading = f"{sweep}: speed-up from image to image"
    own = {
        (comparison.workload, comparison.setting): comparison
        for comparison in material.comparisons
        if comparison.sweep == sweep and comparison.ratio is not None
    }
    if not own:
        return style.empty_figure(heading, "no image could be compared with the baseline's")
    rows, columns = style.panel_grid(len(cells), most=2)
    figure, grid = plt.subplots(
        rows,
        columns,
        figsize=(style.WIDTH, rows * (_PANEL + 0.2) + 1.0),
        sharex=True,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for unused in list(grid.flat)[len(cells) :]:
        unused.set_visible(False)
    ratios = [comparison.ratio for comparison in own.values() if comparison.ratio is not None]
    bounds = [bound for comparison in own.values() for bound in (comparison.low, comparison.high) if bound is not None]
    low, high = style.ratio_limits([1.0, *ratios], bounds)
    for panel, cell in zip(grid.flat, cells, strict=False):
        panel.set_title(cell.workload)
        _draw_panel(panel, cell, images_in_order(cell), own)
        style.ratio_axis(panel.yaxis, low, high, apart=0.16)
        panel.tick_params(axis="x", labelbottom=True, labelrotation=90)
    style.title(figure, heading)
    figure.supylabel("speed-up over the baseline", size=style.SIZE)
    baseline = style.legend_handle(style.BASELINE, style.INK, "D")
    seen = {comparison.verdict for comparison in own.values()}
    style.key(figure, [baseline, *style.verdict_handles(seen)], _NOTE)
    return figure


def _draw_panel(panel: Axes, cell: Cell, images: dict[str, Setting], own: dict[tuple[str, str], Comparison]) -> None:
    ratios = {}
    for place, setting in enumerate(images.values()):
        comparison = own.get((cell.workload, setting.id))
        if setting.id == cell.baseline:
            ratios[place] = 1.0
            panel.plot(place, 1, "D", color=style.INK, markersize=4.5, zorder=3)
        elif comparison is not None and comparison.ratio is not None:
            ratios[place] = comparison.ratio
            look = style.verdict_look(comparison.verdict)
            if comparison.low is not None and comparison.high is not None:
                bar = {"color": look["color"], "linewidth": 1.2, "markersize": 5, "zorder": 3}
                panel.plot([place, place], [comparison.low, comparison.high], "_-", **bar)
            panel.plot(place, comparison.ratio, markersize=5, **look)
    panel.plot(list(ratios), list(ratios.values()), "-", color=style.PALE, linewidth=1.2, zorder=2)
    panel.axhline(1, color=style.PALE, linewidth=0.7, zorder=1)
    panel.set_xticks(range(len(images)), list(images))
    panel.set_xlim(-0.5, len(images) - 0.5)
