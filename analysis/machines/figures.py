"""Figures of several machines: each in its best setting against the first, and what each machine's CPUs bring."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures import style
from analysis.figures.svg import INK
from analysis.machines.ratios import Ratio
from analysis.machines.scaling import Scaling

BEST, SCALING = "machines-best", "machines-scaling"

_ONE_BELOW_THE_OTHER = 4  # names in a legend
_MARKERS = "osD^vPX*"
_BEST_NOTE = (
    "ratio of work a second, log scale; bars: 95 % interval of that ratio alone; grey band: margin of equivalence"
)
_SCALING_NOTE = "speed-up from one to all CPUs ÷ CPUs; line: ideal; bars: 95 % interval"


def draw_best(best: Sequence[Ratio], names: Sequence[str]) -> Figure:
    """Work a second of each machine over that of the first; a panel for each machine, a row for each workload."""
    ratios = [ratio for ratio in best if ratio.against == names[0] and ratio.ratio is not None]
    title = f"work a second in the best setting, over {names[0]}'s"
    if not ratios:
        return style.empty_figure(title, "no workload was measured alike on two machines")
    rows = [
        f"{workload} ({sweep})" for sweep, workload in dict.fromkeys((ratio.sweep, ratio.workload) for ratio in ratios)
    ]
    others = list(dict.fromkeys(ratio.machine for ratio in ratios))
    height = len(others) * (0.34 + style.LINE * (len(rows) + 0.5)) + 0.95
    figure, grid = plt.subplots(
        *(len(others), 1), figsize=(style.WIDTH, height), sharex=True, squeeze=False, layout="constrained"
    )
    bounds = [bound for ratio in ratios for bound in (ratio.low, ratio.high) if bound is not None]
    limits = style.ratio_limits([ratio.ratio for ratio in ratios if ratio.ratio is not None], bounds)
    for panel, other in zip(grid.flat, others, strict=True):
        _draw_machine(panel, [ratio for ratio in ratios if ratio.machine == other], rows)
        style.ratio_axis(panel.xaxis, *limits, apart=0.2)
        panel.set_title(other)
    style.title(figure, title)
    style.key(figure, style.verdict_handles({ratio.verdict for ratio in ratios}), _BEST_NOTE)
    return figure


def _draw_machine(panel: Axes, ratios: list[Ratio], rows: list[str]) -> None:
    panel.axvline(1, color=INK, linewidth=0.8, zorder=1)
    if (margin := next((ratio.margin for ratio in ratios if ratio.margin is not None), None)) is not None:
        panel.axvspan(1 / (1 + margin), 1 + margin, color=style.INK, alpha=0.15, linewidth=0, zorder=0)
    for ratio in ratios:
        row, look = rows.index(f"{ratio.workload} ({ratio.sweep})"), style.verdict_look(ratio.verdict)
        if ratio.low is not None and ratio.high is not None:
            bar = {"color": look["color"], "linewidth": 1.2, "markersize": 5, "zorder": 2}
            panel.plot([ratio.low, ratio.high], [row, row], "|-", **bar)
        panel.plot([ratio.ratio or 0.0], [row], markersize=5, zorder=3, **look)
    panel.grid(axis="y", visible=False)
    panel.set_yticks(range(len(rows)), rows)
    panel.set_ylim(len(rows) - 0.5, -0.5)
    panel.tick_params(labelbottom=True)


def draw_scaling(scalings: Sequence[Scaling], names: Sequence[str]) -> Figure:
    """Efficiency of each machine's CPUs, a row for each pair of settings that goes from one to all of them."""
    known = [scaling for scaling in scalings if scaling.efficiency is not None and scaling.cpus > 1]
    title = "what all CPUs bring over one"
    if not known:
        return style.empty_figure(title, "no setting goes from 1 to the number of CPUs")
    rows = list(dict.fromkeys((scaling.sweep, scaling.workload, scaling.knob, scaling.others) for scaling in known))
    drawn = list(dict.fromkeys(scaling.machine for scaling in known))
    columns = 1 if len(drawn) <= _ONE_BELOW_THE_OTHER else 3
    height = style.LINE * 2.4 * len(rows) + 1.1 + style.LINE * len(drawn) / columns
    figure, panel = plt.subplots(figsize=(style.WIDTH, height), layout="constrained")
    marks = {name: _MARKERS[index % len(_MARKERS)] for index, name in enumerate(names)}
    for scaling in known:
        apart = 0.6 * ((names.index(scaling.machine) + 1) / (len(names) + 1) - 0.5)
        row = rows.index((scaling.sweep, scaling.workload, scaling.knob, scaling.others)) + apart
        if scaling.low is not None and scaling.high is not None:
            span = [scaling.low / scaling.cpus, scaling.high / scaling.cpus]
            panel.plot(span, [row, row], "-", color=style.GREY, linewidth=1.2, zorder=2)
        panel.plot([scaling.efficiency or 0.0], [row], marks[scaling.machine], color=INK, markersize=4.5, zorder=3)
    panel.axvline(1, color=INK, linewidth=0.8, zorder=1)
    panel.grid(axis="y", visible=False)
    labels = [f"{workload} ({sweep})\n{knob}" for sweep, workload, knob, _ in rows]
    panel.set_yticks(range(len(rows)), labels)
    panel.set(
        ylim=(len(rows) - 0.5, -0.5), xlim=(0, max(1.1, 1.05 * max(scaling.efficiency or 0 for scaling in known)))
    )
    style.title(figure, title)
    handles = [style.legend_handle(name, INK, marks[name]) for name in names if name in drawn]
    style.key(figure, handles, _SCALING_NOTE, columns=columns)
    return figure
