"""The thread grid: when a heat map is drawn of it, and where the defaults stand in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.comparisons import compare as stats
from analysis.figures import style
from analysis.figures.conditions import has_heatmap
from analysis.figures.heatmap import draw
from analysis.figures.material import read_material
from analysis.recommendations import recommend
from tests.made.analysed import tidied
from tests.made.simulated import SimulatedCell, simulated_plan, write_simulated_machine

Pools = tuple[int | None, int | None]


def simulated(settings: list[Pools], rounds: int = 2) -> SimulatedCell:
    named = [{"intra_op": intra, "inter_op": inter} for intra, inter in settings]
    return SimulatedCell("s", "w", named, [1] * len(settings), rounds=rounds)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ([(None, None), (1, 1), (1, 2), (2, 1), (2, 2)], True),
        ([(None, None), (1, 2), (2, 1)], True),  # the defaults are a third pair
        ([(1, 2), (2, 1)], False),
        ([(1, 1), (2, 1), (4, 1)], False),  # one pool alone varies
        ([(None, None), (1, None), (2, None)], False),
    ],
)
def test_a_heat_map_takes_two_pools_that_vary(settings: list[Pools], expected: bool) -> None:
    assert has_heatmap(simulated_plan([simulated(settings)]).cells[0]) is expected


def test_no_heat_map_where_a_third_knob_shares_its_places() -> None:
    settings = [{"intra_op": a, "inter_op": b, "image": i} for a in (1, 2) for b in (1, 2) for i in ("cpu", "cuda")]
    assert not has_heatmap(simulated_plan([SimulatedCell("s", "w", settings, [1] * 8)]).cells[0])


def places(root: Path, settings: list[Pools]) -> dict[Pools, str]:
    """(intra, inter) -> the words that stand there in the heat map of a simulated run on two CPUs."""
    write_simulated_machine(root, [simulated(settings)])
    assert tidied(root) == 0
    assert stats.main(["--results", str(root)]) == 0
    assert recommend.main(["--results", str(root)]) == 0
    with style.figure_style():
        material = read_material(root)
        figure = draw(material, material.plan.cells[:1])
    panel = figure.axes[0]
    columns, rows = (
        [int(text.get_text()) for text in labels] for labels in (panel.get_xticklabels(), panel.get_yticklabels())
    )
    at = {(text.get_position()[0] - 0.5, text.get_position()[1] - 0.5): text.get_text() for text in panel.texts}
    return {(rows[int(y)], columns[int(x)]): words for (x, y), words in at.items() if words}


def test_the_defaults_stand_where_their_sizes_do_and_what_was_not_measured_is_said(tmp_path: Path) -> None:
    cells = places(tmp_path, [(None, None), (1, 2), (2, 1)])
    assert cells[2, 2] == "1×\nbaseline"
    assert cells[1, 1] == "–"
    assert cells.keys() == {(1, 1), (1, 2), (2, 1), (2, 2)}


def test_sizes_that_were_set_and_measured_come_before_the_defaults(tmp_path: Path) -> None:
    cells = places(tmp_path, [(None, None), (1, 1), (1, 2), (2, 1), (2, 2)])
    assert "baseline" not in cells[2, 2]
    assert "×" in cells[2, 2]
