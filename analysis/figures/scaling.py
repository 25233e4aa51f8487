"""The scaling figure of a sweep: speed-up over the number of threads or CPUs, beside what would be ideal."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from analysis.comparisons.comparison import Comparison
from analysis.figures import style
from analysis.figures.conditions import scaling
from analysis.figures.material import Material
from workloads.vocabulary.plan import Cell
from workloads.vocabulary.record import Setting

_PANEL = 1.35  # inches
_MARGIN = 1.12  # beyond the first and the last number, as a factor
_NOTE = "bars: 95 % interval of that comparison alone; both axes in log scale"


def draw(material: Material, cells: list[Cell]) -> Figure:
    """A panel for each cell and knob of which the number of threads or CPUs varies alone.

    Ideal is proportional to the number as far as there are CPUs, and level beyond.
    """
    sweep, cpus = cells[0].sweep, material.cpus
    curves = [(cell, knob, curve) for cell in cells for knob, curve in scaling(cell).items()]
    heading = f"{sweep}: speed-up over {_things({knob for _, knob, _ in curves})}"
    own = {
        (comparison.workload, comparison.setting): comparison
        for comparison in material.comparisons
        if comparison.sweep == sweep
    }
    points = [comparison.ratio for comparison in own.values() if comparison.ratio is not None]
    if not points:
        return style.empty_figure(heading, "no setting could be compared with the baseline")
    rows, columns = style.panel_grid(len(curves), most=2)
    figure, grid = plt.subplots(
        rows,
        columns,
        figsize=(style.WIDTH, rows * (_PANEL + 0.2) + 1.0),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for unused in list(grid.flat)[len(curves) :]:
        unused.set_visible(False)
    ideal = [_ideal(number, _start(cell, curve), cpus) for cell, _, curve in curves for number in curve]
    bounds = [bound for comparison in own.values() for bound in (comparison.low, comparison.high) if bound is not None]
    low, high = style.ratio_limits([*points, *ideal], bounds)
    several = len({knob for _, knob, _ in curves}) > 1
    for panel, (cell, knob, curve) in zip(grid.flat, curves, strict=False):
        panel.set_title(f"{cell.workload}, {knob}" if several else cell.workload)
        _draw_panel(
            panel,
            cell,
            curve,
            {id_: comparison for (name, id_), comparison in own.items() if name == cell.workload},
            cpus,
        )
        style.ratio_axis(panel.yaxis, low, high, apart=0.16)
        panel.set_xlabel(knob if knob == _things({knob}) else f"{knob} ({_things({knob})})")
    style.title(figure, heading)
    figure.supylabel("speed-up over the baseline", size=style.SIZE)
    style.key(figure, _legend(own, cpus), _NOTE)
    return figure


def _things(knobs: set[str]) -> str:
    return "CPUs" if knobs == {"cpus"} else "threads" if "cpus" not in knobs else "CPUs or threads"


def _start(cell: Cell, curve: dict[int, Setting]) -> int:
    """The baseline's number."""
    return next(number for number, setting in curve.items() if setting.id == cell.baseline)


def _ideal(number: int, start: int, cpus: int) -> float:
    return min(number, cpus) / min(start, cpus)


def _draw_panel(panel: Axes, cell: Cell, curve: dict[int, Setting], own: dict[str, Comparison], cpus: int) -> None:
    start = _start(cell, curve)
    corners = sorted({*curve, *([cpus] if min(curve) < cpus < max(curve) else [])})
    panel.plot(corners, [_ideal(number, start, cpus) for number in corners], "--", color=style.INK, linewidth=0.8)
    shown = {number: own[setting.id] for number, setting in curve.items() if setting.id in own}
    line = {start: 1.0} | {
        number: comparison.ratio for number, comparison in shown.items() if comparison.ratio is not None
    }
    numbers = sorted(line)
    panel.plot(numbers, [line[n] for n in numbers], "-", color=style.PALE, linewidth=1.2, zorder=2)
    panel.plot(start, 1, "D", color=style.INK, markersize=4.5, zorder=3)
    for number, comparison in shown.items():
        if comparison.ratio is None:
            continue
        look = style.verdict_look(comparison.verdict)
        if comparison.low is not None and comparison.high is not None:
            bar = {"color": look["color"], "linewidth": 1.2, "markersize": 5, "zorder": 3}
            panel.plot([number, number], [comparison.low, comparison.high], "_-", **bar)
        panel.plot(number, comparison.ratio, markersize=5, **look)
    panel.set(xscale="log", xlim=(min(curve) / _MARGIN, max(curve) * _MARGIN))
    panel.set_xticks(_roomy(list(curve)), [str(number) for number in _roomy(list(curve))])
    panel.xaxis.set_minor_locator(NullLocator())


def _roomy(numbers: list[int]) -> list[int]:
    """The numbers that can be written below a panel: each well beyond the one before."""
    least = (numbers[-1] / numbers[0]) ** 0.14
    kept: list[int] = []
    for number in numbers:
        if not kept or number >= kept[-1] * least:
            kept.append(number)
    return kept


def _legend(own: dict[tuple[str, str], Comparison], cpus: int) -> list[Line2D]:
    return [
        style.legend_line(f"ideal on {cpus} CPUs", style.INK, "--", 0.8),
        style.legend_handle(style.BASELINE, style.INK, "D"),
        *style.verdict_handles({comparison.verdict for comparison in own.values() if comparison.ratio is not None}),
    ]
