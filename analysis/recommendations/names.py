"""For which cells a plan asks for a recommendation, and the names of its files. Snakemake asks before there are any."""

from workloads.vocabulary.plan import Cell, Plan, baseline_of
from workloads.vocabulary.record import Setting

FOLDER = "recommended"

# Of a recommendation's files, each in the words of another tool.
SUFFIXES = (".env", ".sh", ".py", ".serving", ".kubernetes.yaml", ".taskset.sh")


def asked(plan: Plan) -> list[Cell]:
    """The cells whose baseline leaves every knob at its default, with another setting beside it."""
    return [cell for cell in plan.cells if len(cell.settings) > 1 and _is_default(baseline_of(cell))]


def stem(cell: Cell) -> str:
    """What the names of a cell's files have in common."""
    return f"{cell.sweep}-{cell.workload}"


def files(plan: Plan) -> list[str]:
    """Where the files go, below the machine's folder, in the plan's order."""
    return [f"{FOLDER}/{stem(cell)}{suffix}" for cell in asked(plan) for suffix in SUFFIXES]


def _is_default(setting: Setting) -> bool:
    return all(value is None for value in setting.resolved.values())
