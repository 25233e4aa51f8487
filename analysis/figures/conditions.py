"""What a cell's settings allow to be drawn, by the plan alone: Snakemake asks before anything is measured."""

from __future__ import annotations

from typing import Any

from analysis.figures.intensity import has_intensity
from workloads.vocabulary.knobs import CATALOGUE, trading_exactness
from workloads.vocabulary.plan import Cell, Plan
from workloads.vocabulary.record import KnobValue, Setting

# Knobs, and a parameter of workloads, that say how many CPUs or threads share the work.
_COUNTS = (*(name for name, knob in CATALOGUE.items() if knob.divides_work), "threads")

# The modules whose metric is latency where `batch` is 1.
LATENCY = {"fc_stack", "resnet50", "mobilenet", "transformer", "lstm", "recommender", "user_model"}


def has_roofline(plan: Plan) -> bool:
    """Whether the machine's peaks are measured, and the intensity of some workload is known."""
    return plan.peaks and any(has_intensity(cell.module) for cell in plan.cells)


def thread_grid(cell: Cell) -> dict[tuple[int, int], Setting]:
    """(intra, inter) -> setting, for the settings that give a number for both."""
    grid = [((s.resolved.get("intra_op"), s.resolved.get("inter_op")), s) for s in cell.settings]
    return {(intra, inter): s for (intra, inter), s in grid if isinstance(intra, int) and isinstance(inter, int)}


def default_pools(cell: Cell) -> Setting | None:
    """The setting that leaves both pools to TensorFlow, which takes a thread for each CPU; None if that is not so."""
    without_pools = [
        s for s in cell.settings if s.resolved.get("intra_op") is None and s.resolved.get("inter_op") is None
    ]
    return without_pools[0] if len(without_pools) == 1 and not cell.fixed.keys() & set(_COUNTS) else None


def has_heatmap(cell: Cell) -> bool:
    """Whether both pools vary, in three pairs of sizes at least, and no third knob tells two settings apart."""
    grid = thread_grid(cell)
    numeric = [
        s
        for s in cell.settings
        if isinstance(s.resolved.get("intra_op"), int) and isinstance(s.resolved.get("inter_op"), int)
    ]
    intras, inters = {intra for intra, _ in grid}, {inter for _, inter in grid}
    varied = len(intras) > 1 and len(inters) > 1
    return varied and len(grid) == len(numeric) and len(grid) + (default_pools(cell) is not None) > 2


def scaling(cell: Cell) -> dict[str, dict[int, Setting]]:
    """Knob -> (number -> setting), for each number of threads or CPUs that varies while all else is the baseline's."""
    baseline = next(setting for setting in cell.settings if setting.id == cell.baseline).resolved
    curves = {}
    for knob in _COUNTS:
        others = {name: value for name, value in baseline.items() if name != knob}
        alike = [s for s in cell.settings if others == {name: v for name, v in s.resolved.items() if name != knob}]
        curve = {number: s for s in alike if (number := _number(s.resolved.get(knob))) is not None}
        if len(curve) > 1 and _number(baseline.get(knob)) is not None:
            curves[knob] = dict(sorted(curve.items()))
    return curves


def _number(value: KnobValue) -> int | None:
    text = str(value)  # environment variables are texts
    return int(text) if text.isdecimal() and int(text) > 0 else None


def images_in_order(cell: Cell) -> dict[str, Setting]:
    """Image -> setting, in the plan's order, where the settings differ in nothing but the image; else none."""
    images = {str(s.resolved.get("image") or cell.default_image): s for s in cell.settings if "image" in s.resolved}
    alike = {tuple(sorted((k, str(v)) for k, v in s.resolved.items() if k != "image")) for s in cell.settings}
    return images if len(alike) == 1 and len(images) == len(cell.settings) else {}


def has_images(cells: list[Cell]) -> bool:
    """Whether a sweep compares three images or more, and nothing else."""
    return all(len(images_in_order(cell)) > 2 for cell in cells)


def has_latency(cell: Cell) -> bool:
    """Whether some setting of the cell takes one example at a time through a model."""
    return cell.module in LATENCY and any(params(cell, setting).get("batch") == 1 for setting in cell.settings)


def params(cell: Cell, setting: Setting) -> dict[str, Any]:
    """The workload's parameters in a setting."""
    turned = cell.fixed | setting.resolved
    return cell.params | {name: turned[name] for name in cell.params if turned.get(name) is not None}


def has_errors(cell: Cell) -> bool:
    """Whether the cell's settings compute with different precision."""
    return any(len({setting.resolved.get(knob) for setting in cell.settings}) > 1 for knob in trading_exactness())
