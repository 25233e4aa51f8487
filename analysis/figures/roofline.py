"""The roofline: what each workload reaches, under the machine's measured peaks of arithmetic and of memory."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from analysis.figures import style
from analysis.figures.labels import height_for, name_points
from analysis.figures.material import Material
from analysis.figures.peaks import Peaks, Standing, standings
from workloads.vocabulary.amounts import digits
from workloads.vocabulary.plan import Cell

_TITLE = "roofline: what each workload reaches"
_GIGA = 1e9


def draw(material: Material, cells: list[Cell]) -> Figure:
    """FLOP a second over FLOP a byte; the peaks may be the reason why there is no roof."""
    peaks = material.peaks
    if isinstance(peaks, str):
        return style.empty_figure(_TITLE, peaks)
    shown = standings(material.plan, material.launches, peaks.image)
    if not shown:
        return style.empty_figure(_TITLE, "no launch of a workload of known intensity yet")
    height = max(2.2, height_for(len(shown)))
    figure, panel = plt.subplots(figsize=(style.WIDTH, height + 1.55), layout="constrained")
    _draw(panel, peaks, shown, height)
    style.title(figure, _TITLE)
    handles = [
        style.legend_line("measured peaks", style.INK, "-", 1.2),
        style.legend_handle("fastest setting", style.INK, "o"),
        style.legend_line("slowest to fastest", style.PALE, "-", 2),
    ]
    style.key(figure, handles, _note(peaks), columns=3)
    return figure


def _note(peaks: Peaks) -> str:
    doubt = "; the machine was disturbed while the peaks were measured, so they may be higher"
    return (
        f"peaks as measured here in a container, float32: {digits(peaks.flops / _GIGA)} GFLOP/s by TensorFlow's "
        f"product of two large matrices, {digits(peaks.bandwidth / _GIGA)} GB/s by its means of a matrix of 1 GiB. "
        "Intensity: FLOP over the bytes of all inputs and results of a call, each once; what fits in a cache may lie "
        f"above the slope{doubt if peaks.disturbed else ''}"
    )


def _draw(panel: Axes, peaks: Peaks, shown: list[Standing], height: float) -> None:
    ridge = peaks.flops / peaks.bandwidth
    left = min(ridge / 4, *(standing.intensity / 2 for standing in shown))
    right = max(ridge * 4, *(standing.intensity * 2 for standing in shown))
    roof = np.array([left, ridge, right])
    panel.plot(roof, [peaks.roof(at) / _GIGA for at in roof], "-", color=style.INK, linewidth=1.2)
    for standing in shown:
        ends = [standing.slowest / _GIGA, standing.fastest / _GIGA]
        panel.plot([standing.intensity] * 2, ends, "-", color=style.PALE, linewidth=2, zorder=2)
        panel.plot(standing.intensity, ends[1], "o", color=style.INK, markersize=3.5, zorder=3)
    low = min(standing.slowest for standing in shown) / _GIGA
    high = max(peaks.flops, *(standing.fastest for standing in shown)) / _GIGA
    panel.set(xscale="log", xlim=(left, right))
    panel.set(yscale="log", ylim=(low / 1.6, high * 1.6))
    panel.set(xlabel="intensity (FLOP/byte, log scale)", ylabel="GFLOP/s (log scale)")
    for axis, most in ((panel.xaxis, 5), (panel.yaxis, 8)):
        first, last = axis.get_view_interval()
        # Powers of ten alone could be one label, or none.
        axis.set_major_locator(LogLocator(subs=(1.0,) if last / first >= 100 else (1.0, 2.0, 5.0), numticks=most))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    name_points(
        panel, [(standing.intensity, standing.fastest / _GIGA, standing.workload) for standing in shown], height
    )
