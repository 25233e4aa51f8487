"""A figure that is no more than a title, for tests that add one to the registry."""

from __future__ import annotations

from matplotlib.figure import Figure

from analysis.figures import style
from analysis.figures.material import Material
from workloads.vocabulary.plan import Cell


def draw(material: Material, cells: list[Cell]) -> Figure:
    """The name of its sweep."""
    return style.empty_figure(cells[0].sweep, "no more than a title")
