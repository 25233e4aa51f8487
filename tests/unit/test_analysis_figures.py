"""Every planned figure is drawn, to the same bytes each time, and nothing in it overlaps."""

import ast
import dataclasses
from itertools import combinations
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from analysis import figure_names, figures, stats, style, tidy
from analysis.comparison import Comparison, read_comparisons
from analysis.tables import read_launches, read_samples
from tests.unit.simulated import Noise, SimulatedCell, failed, simulated_canary, simulated_plan, switch, thread_grid
from tests.unit.simulated import write_simulated_machine as simulate
from workloads.plan import Plan
from workloads.record import KnobValue

PAIR = [thread_grid(rounds=3), switch(rounds=3)]


def build(root: Path, cells, **options) -> Plan:
    plan = simulate(root, cells, **options)
    assert tidy.main(["--results", str(root)]) == 0
    assert stats.main(["--results", str(root)]) == 0
    return plan


def drawn(root: Path, plan: Plan) -> dict[str, Figure]:
    """The figures by name; use inside style.figure_style."""
    tables = read_launches(root), read_samples(root), read_comparisons(root)
    return dict(figures.figures(plan, *tables, simulated_canary()))


def many_settings(number: int, workloads: int = 1) -> list[SimulatedCell]:
    settings: list[dict[str, KnobValue]] = [{"OMP_NUM_THREADS": str(n), "KMP_BLOCKTIME": "0"} for n in range(number)]
    effects = [1 + n / number for n in range(number)]
    return [SimulatedCell("many", f"workload_{n}", settings, effects, rounds=2) for n in range(workloads)]


def overlaps(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts of a figure that lie over each other, and texts that leave it."""
    texts = drawn_texts(figure)
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    found = [(a, b) for (a, one), (b, two) in combinations(boxes, 2) if one.overlaps(two)]
    width, height = figure.get_size_inches() * figure.dpi
    outside = [(a, "the edge") for a, box in boxes if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height]
    return found + outside


def drawn_texts(figure: Figure) -> list[Text]:
    """The texts that the renderer draws: labels of ticks beyond an axis' limits exist, and are not drawn."""
    figure.canvas.draw()  # so that the layout stands
    with pytest.MonkeyPatch.context() as patch:
        texts: list[Text] = []
        draw = Text.draw
        patch.setattr(Text, "draw", lambda text, renderer: (texts.append(text), draw(text, renderer)))
        figure.canvas.draw()
    return [text for text in dict.fromkeys(texts) if text.get_visible() and text.get_text().strip()]


def test_names_are_the_plan_s_figures_and_nothing_else(tmp_path):
    plan = build(tmp_path, PAIR)
    assert figures.main(["--results", str(tmp_path)]) == 0
    names = figure_names.figure_names(plan)
    assert names == [
        "threads-speedup",
        "threads-run-order",
        "threads-matmul-heatmap",
        "onednn-speedup",
        "onednn-run-order",
        "canary",
    ]
    written = {path.name for path in (tmp_path / "figures").iterdir()}
    assert written == {f"{name}.{kind}" for name in names for kind in ("svg", "png")}


def test_names_need_no_drawing_library():
    """Snakemake asks for them while it reads the pipeline."""
    tree = ast.parse(Path(figure_names.__file__).read_text())
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert modules == {"__future__", "workloads.plan", "workloads.record"}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ([(None, None), (1, 1), (1, 2), (2, 1), (2, 2)], True),
        ([(1, 1), (2, 1), (4, 1)], False),  # one pool alone varies
        ([(None, None), (1, None), (2, None)], False),
    ],
)
def test_a_heat_map_takes_two_pools_that_vary(settings, expected):
    cell = SimulatedCell("s", "w", [{"intra_op": a, "inter_op": b} for a, b in settings], [1] * len(settings))
    assert figure_names.has_heatmap(simulated_plan([cell]).cells[0]) is expected


def test_no_heat_map_where_a_third_knob_shares_its_places():
    settings = [{"intra_op": a, "inter_op": b, "image": i} for a in (1, 2) for b in (1, 2) for i in ("cpu", "cuda")]
    assert not figure_names.has_heatmap(simulated_plan([SimulatedCell("s", "w", settings, [1] * 8)]).cells[0])


def test_same_tables_same_bytes(tmp_path):
    for name in ("one", "two"):
        plan = build(tmp_path / name, PAIR)
        assert figures.main(["--results", str(tmp_path / name)]) == 0
    for stem in figure_names.figure_names(plan):
        for kind in ("svg", "png"):
            one, two = (tmp_path / name / "figures" / f"{stem}.{kind}" for name in ("one", "two"))
            assert one.read_bytes() == two.read_bytes(), one.name


@pytest.mark.parametrize(("settings", "workloads"), [(2, 1), (2, 5), (40, 3)])
def test_no_text_overlaps_at_few_or_many_settings(tmp_path, settings, workloads):
    plan = build(tmp_path, many_settings(settings, workloads), noise=Noise(samples=3))
    with style.figure_style():
        for name, figure in drawn(tmp_path, plan).items():
            assert overlaps(figure) == [], name
        labels = {text.get_text() for text in drawn_texts(drawn(tmp_path, plan)["many-speedup"])}
        assert {f"OMP_NUM_THREADS={number}" for number in range(settings)} < labels


def test_no_text_overlaps_in_grids_with_holes(tmp_path):
    plan = build(
        tmp_path,
        [thread_grid(), thread_grid(workload="conv"), thread_grid(workload="branches"), thread_grid(workload="mlp")],
        faults=lambda record: failed(record) if record.setting.resolved["inter_op"] == 4 else record,
    )
    with style.figure_style():
        for name, figure in drawn(tmp_path, plan).items():
            assert overlaps(figure) == [], name


def test_the_check_for_overlaps_finds_one():
    with style.figure_style():
        figure = style.empty_figure("title", "reason")
        assert overlaps(figure) == []
        figure.text(0.5, 0.7, "over the title", ha="center")
        assert overlaps(figure) == [("title", "over the title")]


@pytest.mark.parametrize("faults", [lambda record: None, failed], ids=["nothing measured", "all failed"])
def test_a_figure_without_data_says_so(tmp_path, faults):
    plan = build(tmp_path, PAIR, faults=faults)
    assert figures.main(["--results", str(tmp_path)]) == 0
    with style.figure_style():
        for name, figure in drawn(tmp_path, plan).items():
            if not name.endswith("run-order"):
                assert any("no data" in text.get_text() for text in figure.findobj(Text)), name
            assert overlaps(figure) == [], name


def test_one_round_and_absurd_intervals_can_be_drawn(tmp_path):
    """Two rounds a factor of 50 apart give an interval over many decades; the points stay in sight."""
    wild = build(tmp_path / "wild", [switch(rounds=2)], noise=Noise(launch_sd=2.0))
    single = build(tmp_path / "single", [switch(rounds=1)])
    with style.figure_style():
        for root, plan in ((tmp_path / "wild", wild), (tmp_path / "single", single)):
            for name, figure in drawn(root, plan).items():
                assert overlaps(figure) == [], name


def test_colours_and_markers_mean_one_thing(tmp_path):
    """Each verdict has a colour and a marker of its own, and none is the baseline's or a failure's."""
    colours = [*style.VERDICT_COLOURS.values(), style.BLACK, style.PINK]
    assert len(set(colours)) == len(colours)
    assert len({*style.VERDICT_MARKERS.values(), "D", "X"}) == len(style.VERDICT_MARKERS) + 2


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.45, 1.9, [0.5, 0.7, 1, 1.5]),
        (0.97, 1.03, [0.98, 0.99, 1, 1.01, 1.02]),
        (0.2, 9.0, [0.25, 0.5, 1, 2, 4, 8]),
        (0.99, 1.005, [0.99, 1]),
        (1e-7, 1e7, [0.0001, 0.001, 0.01, 0.1, 1, 10, 100, 1000, 10000]),
    ],
)
def test_ticks_are_round_ratios_apart_from_each_other(low, high, expected):
    assert style.ratio_ticks(low, high, 0.05 if high > 100 else 0.15) == expected


def test_verdicts_that_allow_no_test_are_drawn_hollow(tmp_path):
    plan = build(tmp_path, [switch(rounds=1)])
    rows = read_comparisons(tmp_path)
    assert [one.verdict for one in rows] == ["not resolved: one round only"]
    with style.figure_style():
        figure = drawn(tmp_path, plan)["onednn-speedup"]
        assert any(text.get_text() == style.NOT_TESTED for text in figure.findobj(Text))


def test_a_missing_table_is_named(tmp_path, capsys):
    simulate(tmp_path, PAIR)
    assert figures.main(["--results", str(tmp_path)]) == 2
    assert "analysis.tidy" in capsys.readouterr().err
    assert tidy.main(["--results", str(tmp_path)]) == 0
    assert figures.main(["--results", str(tmp_path)]) == 2
    assert "analysis.stats" in capsys.readouterr().err


def test_comparison_kinds_cover_its_fields():
    """The table's reader knows each field's kind by its annotation."""
    assert {field.type for field in dataclasses.fields(Comparison)} == {"str", "int", "float | None"}
