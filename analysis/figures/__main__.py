"""Draw every figure of a machine's folder again, from its tables.

python -m analysis.figures --results results/MACHINE
"""

from pathlib import Path

from analysis.figures import draw
from workloads.vocabulary.command_line import stage


def write(root: Path) -> None:
    """Make the figures. Raises AnalysisError."""
    draw.write(root)


main = stage(write)


if __name__ == "__main__":
    raise SystemExit(main())
