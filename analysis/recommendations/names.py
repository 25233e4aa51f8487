"""For which cells a plan asks for a recommendation, and the name of its file. Snakemake asks before there is one."""

from workloads.vocabulary.plan import Cell, Plan, baseline_of
from workloads.vocabulary.record import Setting

FOLDER = "recommended"


def asked(plan: Plan) -> list[Cell]:
    """The cells whose baseline leaves every knob at its default, with another setting beside it."""
    return [cell for cell in plan.cells if len(cell.settings) > 1 and _is_default(baseline_of(cell))]


def files(plan: Plan) -> list[str]:
    """Where the environment files go, below the machine's folder, in the plan's order."""
    return [f"{FOLDER}/{cell.sweep}-{cell.workload}.env" for cell in asked(plan)]


def _is_default(setting: Setting) -> bool:
    return all(value is None for value in setting.resolved.values())
