"""Draws every figure of a plan, as SVG and PNG; a figure without data yet says so.

python -m analysis.figures.draw --results results/MACHINE
"""

from pathlib import Path

from analysis.figures import style
from analysis.figures.material import read_material
from analysis.figures.registry import planned_figures
from workloads.vocabulary.command_line import stage


def write(root: Path) -> None:
    """Make all figures of the machine's folder `root`. Raises AnalysisError."""
    material = read_material(root)
    with style.figure_style():
        for planned in planned_figures(material.plan):
            style.save(planned.draw(material), root / "figures", planned.stem)


main = stage(write)


if __name__ == "__main__":
    raise SystemExit(main())
