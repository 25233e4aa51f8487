"""Which figures a plan comes to, by name alone: Snakemake asks before anything is measured or drawn."""

from __future__ import annotations

from workloads.plan import Cell, Plan
from workloads.record import Setting


def figure_names(plan: Plan) -> list[str]:
    """The stems of a plan's figures, without suffix, in the report's order."""
    names: list[str] = []
    for sweep in dict.fromkeys(cell.sweep for cell in plan.cells):
        names += [speedup_name(sweep), run_order_name(sweep)]
        names += [heatmap_name(cell) for cell in plan.cells if cell.sweep == sweep and has_heatmap(cell)]
    return [*names, CANARY]


CANARY = "canary"
"""The figure of the machine over the whole run."""


def speedup_name(sweep: str) -> str:
    """The figure of a sweep's speed-ups."""
    return f"{sweep}-speedup"


def run_order_name(sweep: str) -> str:
    """The figure of a sweep's launches in run order."""
    return f"{sweep}-run-order"


def heatmap_name(cell: Cell) -> str:
    """The figure of a cell's thread grid."""
    return f"{cell.sweep}-{cell.workload}-heatmap"


def thread_grid(cell: Cell) -> dict[tuple[int, int], Setting]:
    """(intra, inter) -> setting, for the settings that give a number for both."""
    grid = [((s.resolved.get("intra_op"), s.resolved.get("inter_op")), s) for s in cell.settings]
    return {(intra, inter): s for (intra, inter), s in grid if isinstance(intra, int) and isinstance(inter, int)}


def has_heatmap(cell: Cell) -> bool:
    """Whether both pools vary, every pair of their sizes was measured, and no third knob tells two settings apart."""
    grid = thread_grid(cell)
    numeric = [
        s
        for s in cell.settings
        if isinstance(s.resolved.get("intra_op"), int) and isinstance(s.resolved.get("inter_op"), int)
    ]
    intras, inters = {intra for intra, _ in grid}, {inter for _, inter in grid}
    varied = len(intras) > 1 and len(inters) > 1
    return varied and len(grid) == len(numeric) == len(intras) * len(inters)
