"""Every planned figure is drawn, to the same bytes each time, and nothing in it overlaps."""

import dataclasses
import json
import re
import shutil
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

import workloads
from analysis.comparisons import compare as stats
from analysis.comparisons.comparison import COMPARISONS
from analysis.comparisons.verdict import Verdict
from analysis.figures import conditions, registry, style, svg
from analysis.figures import draw as figures
from analysis.figures.labels import row_names
from analysis.figures.material import read_material
from analysis.recommendations import recommend
from analysis.records.folder import read_plan
from analysis.report.sweeps import sweeps
from tests.made.analysed import tidied
from tests.made.simulated import (
    Clock,
    Noise,
    SimulatedCell,
    failed,
    set_aside,
    simulated_plan,
    simulated_record,
    switch,
    thread_grid,
)
from tests.made.simulated import write_simulated_machine as simulate
from workloads.vocabulary.plan import Plan
from workloads.vocabulary.record import KnobValue, Record, Work, to_json

ROOT = Path(__file__).parents[4]
PAIR = [thread_grid(rounds=3), switch(rounds=3)]
COUNTS: list[dict[str, KnobValue]] = [{"intra_op": number} for number in (1, 2, 4, 8)]
IMAGES: list[dict[str, KnobValue]] = [{"image": name} for name in ("tf-2.15", "tf-2.16", "cpu")]
PRECISIONS: list[dict[str, KnobValue]] = [{"precision": "float32"}, {"precision": "bfloat16"}]
ALL_KINDS = [
    *PAIR,
    SimulatedCell("scaling", "matmul", COUNTS, [1, 1.9, 1.8, 1.7]),
    SimulatedCell("scaling", "branches", COUNTS, [1, 1.2, 1.1, 1.0]),
    SimulatedCell("precision", "conv", PRECISIONS, [1, 1.9]),
    SimulatedCell("model", "mobilenet", COUNTS, [1, 1.5, 1.4, 1.2], call_s=0.003),
    SimulatedCell("versions", "conv", IMAGES, [1, 1.1, 0.9]),
    SimulatedCell("versions", "matmul", IMAGES, [1, 1.0, 1.2]),
]
"""Every kind of figure is among theirs."""


def build(root: Path, cells, **options) -> Plan:
    plan = simulate(root, cells, **options)
    assert tidied(root) == 0
    assert stats.main(["--results", str(root)]) == 0
    assert recommend.main(["--results", str(root)]) == 0
    return plan


def build_all_kinds(root: Path, cells=ALL_KINDS, rounds: int = 3, **options) -> Plan:
    """A machine's folder with peaks, a model's latencies, errors in bfloat16, and a launch that was set aside."""
    simulate(root, [dataclasses.replace(cell, rounds=rounds) for cell in cells], faults=special, **options)
    plan = json.loads((root / "plan.json").read_text())
    for cell in plan["cells"]:
        model = cell["sweep"] == "model"
        cell |= {"module": "mobilenet", "params": {"batch": 1}} if model else {"params": {"n": 512}}
    (root / "plan.json").write_text(json.dumps(plan))
    (root / "peaks.jsonl").write_text("".join(to_json(record) + "\n" for record in simulated_peaks()))
    assert tidied(root) == 0
    assert stats.main(["--results", str(root)]) == 0
    assert recommend.main(["--results", str(root)]) == 0
    return read_plan(root)


def special(record: Record) -> Record:
    assert record.measurement is not None
    measurement = record.measurement
    if record.sweep == "model":
        measurement = dataclasses.replace(measurement, metric="latency")
    if record.setting.resolved.get("precision") == "bfloat16":
        check = dataclasses.replace(measurement.check, error=2.4e-3)
        measurement = dataclasses.replace(measurement, check=check)
    changed = dataclasses.replace(record, measurement=measurement)
    return set_aside(changed) if (record.sweep, record.round, record.position) == ("scaling", 2, 1) else changed


def simulated_peaks() -> list[Record]:
    """A launch for each peak: 27 GFLOP/s and 1 GB/s in the fastest sample."""
    cell = simulated_plan([switch("peaks")]).cells[0]
    records = []
    for workload, work in (("matmul", Work(2.7e8, "FLOP")), ("reduction", Work(1e7, "byte"))):
        named = dataclasses.replace(cell, workload=workload)
        record = simulated_record(named, cell.settings[0], 1, 1, [0.011, 0.010, 0.012], Clock())
        assert record.measurement is not None
        records.append(dataclasses.replace(record, measurement=dataclasses.replace(record.measurement, work=work)))
    return records


def drawn(root: Path, plan: Plan, *names: str) -> dict[str, Figure]:
    """The figures by name, all of them where none is named; use inside style.figure_style."""
    material = read_material(root)
    planned = [
        planned_figure for planned_figure in registry.planned_figures(plan) if not names or planned_figure.stem in names
    ]
    return {entry.stem: entry.draw(material) for entry in planned}


def many_settings(number: int, workloads: int = 1) -> list[SimulatedCell]:
    settings: list[dict[str, KnobValue]] = [{"OMP_NUM_THREADS": str(n), "KMP_BLOCKTIME": "0"} for n in range(number)]
    effects = [1 + n / number for n in range(number)]
    return [SimulatedCell("many", f"workload_{n}", settings, effects, rounds=2) for n in range(workloads)]


def overlaps(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts of a figure that lie over each other, and texts that leave it."""
    texts = drawn_texts(figure)
    # Text's own: an annotation's box holds the line to its point too.
    boxes = [(text.get_text(), Text.get_window_extent(text)) for text in texts]
    results = [(a, b) for (a, combination), (b, two) in combinations(boxes, 2) if combination.overlaps(two)]
    width, height = figure.get_size_inches() * figure.dpi
    outside = [(a, "the edge") for a, box in boxes if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height]
    return results + outside


def drawn_texts(figure: Figure) -> list[Text]:
    """The texts that the renderer draws: labels of ticks beyond an axis' limits exist, and are not drawn."""
    figure.canvas.draw()  # so that the layout stands
    with pytest.MonkeyPatch.context() as patch:
        texts: list[Text] = []
        draw = Text.draw
        patch.setattr(Text, "draw", lambda text, renderer: (texts.append(text), draw(text, renderer)))
        figure.canvas.draw()
    return [text for text in dict.fromkeys(texts) if text.get_visible() and text.get_text().strip()]


@pytest.fixture(scope="module")
def machine(tmp_path_factory) -> Path:
    """A machine's folder with every kind of figure."""
    root = tmp_path_factory.mktemp("machine")
    build_all_kinds(root, rounds=6)
    assert figures.main(["--results", str(root)]) == 0
    return root


@pytest.fixture(scope="module")
def vectors(machine) -> dict[str, str]:
    """Stem -> SVG, of every kind of figure."""
    return {path.stem: path.read_text() for path in (machine / "figures").glob("*.svg")}


def test_names_are_the_plan_s_figures_and_nothing_else(machine):
    names = registry.figure_names(read_plan(machine))
    assert names == [
        "threads-speedup",
        "threads-matmul-heatmap",
        "threads-run-order",
        "onednn-speedup",
        "onednn-run-order",
        "scaling-speedup",
        "scaling-scaling",
        "scaling-run-order",
        "precision-speedup",
        "precision-errors",
        "precision-run-order",
        "model-speedup",
        "model-scaling",
        "model-latency",
        "model-run-order",
        "versions-speedup",
        "versions-images",
        "versions-run-order",
        "overview",
        "roofline",
        "canary",
    ]
    written = {path.name for path in (machine / "figures").iterdir()}
    assert written == {f"{name}.{kind}" for name in names for kind in ("svg", "png")}


def test_names_need_no_drawing_library():
    """Snakemake asks for them while it reads the pipeline."""
    asked = "import sys, analysis.figures.registry; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"matplotlib", "seaborn", "pandas", "numpy"} & set(done.stdout.split())


def test_a_figure_that_is_added_to_the_registry_is_planned_drawn_and_in_the_report(machine, tmp_path, monkeypatch):
    shutil.copytree(machine, tmp_path / "machine")
    added = registry.Figure(
        stem="{sweep}-added",
        caption="Added to {sweep}",
        shows="sweep",
        module="tests.made.title_figure",
        when=lambda plan, cells: cells[0].sweep == "precision",
    )
    monkeypatch.setattr(registry, "FIGURES", (*registry.FIGURES[:1], added, *registry.FIGURES[1:]))
    names = registry.figure_names(read_plan(machine))
    assert names[names.index("precision-speedup") :][:3] == ["precision-speedup", "precision-added", "precision-errors"]
    assert [name for name in names if name.endswith("-added")] == ["precision-added"]
    figures.write(tmp_path / "machine")
    assert (tmp_path / "machine/figures/precision-added.png").is_file()
    (sweep,) = (sweep for sweep in sweeps(read_plan(machine), [], []) if sweep.name == "precision")
    assert [figure.caption for figure in sweep.figures][1:2] == ["Added to precision"]


def test_a_curve_takes_counts_that_vary_alone_through_the_baseline():
    """Other knobs at the baseline's values; `default` is no count, and neither is true or a negative number."""
    settings = [(1, None), (2, None), (None, None), (-1, None), (True, None), (4, 1), (4, None)]
    cell = SimulatedCell("s", "w", [{"intra_op": a, "inter_op": b} for a, b in settings], [1] * len(settings))
    planned = simulated_plan([cell]).cells[0]
    curves = conditions.scaling(planned)
    assert {knob: list(curve) for knob, curve in curves.items()} == {"intra_op": [1, 2, 4]}
    assert conditions.scaling(dataclasses.replace(planned, baseline=planned.settings[2].id)) == {}


def test_images_are_compared_in_the_config_s_order_where_nothing_else_differs():
    for settings, names in (
        (IMAGES, ["tf-2.15", "tf-2.16", "cpu"]),
        ([*IMAGES, {"image": "cpu", "intra_op": 1}], []),
        (PRECISIONS, []),
    ):
        cell = simulated_plan([SimulatedCell("s", "w", settings, [1.0] * len(settings))]).cells[0]
        assert list(conditions.images_in_order(cell)) == names
        assert conditions.has_images([cell]) is bool(names)
    two = simulated_plan([SimulatedCell("s", "w", IMAGES[:2], [1.0, 1.0])]).cells
    assert not conditions.has_images(two)


def test_latency_is_drawn_where_one_example_is_taken_at_a_time():
    cell = simulated_plan([switch()]).cells[0]
    assert not conditions.has_latency(dataclasses.replace(cell, params={"batch": 1}))  # of a workload that has none
    for batch, expected in ((1, True), (8, False)):
        planned = dataclasses.replace(cell, module="mobilenet", params={"batch": batch})
        assert conditions.has_latency(planned) is expected


def test_the_modules_with_latency_are_those_whose_files_say_so():
    folder = Path(workloads.__file__).parent
    own = {path.stem for path in folder.glob("models/*.py") if "metric_of_batch(" in path.read_text()}
    by_classifier = {path.stem for path in folder.glob("models/*.py") if "import classifier" in path.read_text()}
    assert own | by_classifier == conditions.LATENCY


def test_same_tables_same_bytes(machine, tmp_path):
    build_all_kinds(tmp_path, rounds=6)
    assert figures.main(["--results", str(tmp_path)]) == 0
    for path in (machine / "figures").iterdir():
        assert path.read_bytes() == (tmp_path / "figures" / path.name).read_bytes(), path.name


def test_figures_have_the_width_of_a_column_and_letters_of_seven_points_or_more(vectors):
    for stem, text in vectors.items():
        root = ElementTree.fromstring(text)
        assert float(root.attrib["width"].removesuffix("pt")) <= 72 * style.WIDTH + 0.1, stem
        sizes = {element.get("font-size", root.attrib["font-size"]) for element in root.iter() if element.text}
        assert sizes <= {f"{style.SIZE}px", f"{style.SMALL}px"}, stem


def test_vector_figures_are_small_and_hold_no_pixels(vectors):
    assert len(vectors) == 21
    for stem, text in vectors.items():
        assert len(text) < 20_000, stem
        assert "<image" not in text, stem


def test_a_colour_is_one_of_those_that_mean_something(vectors):
    known = {*style.VERDICT_COLOURS.values(), style.FAILURE, style.ASIDE, style.ALL_CPUS, style.PALE}
    known |= {svg.INK, "#fff", style.GREY}
    for stem, text in vectors.items():
        if not stem.endswith("heatmap"):  # its colours are a scale
            assert {colour.lower() for colour in re.findall("#[0-9a-fA-F]{3,6}\\b", text)} <= known, stem


@pytest.mark.parametrize(("settings", "workloads"), [(2, 1), (2, 5), (40, 3)])
def test_no_text_overlaps_at_few_or_many_settings(tmp_path, settings, workloads):
    plan = build(tmp_path, many_settings(settings, workloads), noise=Noise(samples=3))
    with style.figure_style():
        for name, figure in drawn(tmp_path, plan).items():
            assert overlaps(figure) == [], name
        labels = {text.get_text() for text in drawn_texts(drawn(tmp_path, plan, "many-speedup")["many-speedup"])}
        assert {"OMP_NUM_THREADS", *map(str, range(settings))} < labels


@pytest.mark.parametrize(("settings", "workloads"), [(2, 1), (20, 2)])
def test_no_text_overlaps_in_any_kind_of_figure(tmp_path, settings, workloads):
    """40 settings of each kind: 20 numbers of threads, each in two precisions."""
    grid: list[dict[str, KnobValue]] = [
        {"intra_op": number, "precision": precision}
        for precision in ("float32", "bfloat16")
        for number in range(1, settings + 1)
    ]
    names = [f"workload_{number}" for number in range(workloads)]
    effects = [1 + index / len(grid) for index in range(len(grid))]
    cells = [SimulatedCell(sweep, name, grid, effects) for sweep in ("many", "model") for name in names]
    plan = build_all_kinds(tmp_path, cells, rounds=2, noise=Noise(samples=5))
    kinds = {"speedup", "scaling", "errors", "run-order"}
    with style.figure_style():
        result = drawn(tmp_path, plan)
        assert {f"many-{kind}" for kind in kinds} | {"model-latency", "roofline"} < result.keys()
        for name, figure in result.items():
            assert overlaps(figure) == [], name


def test_the_roofline_names_every_workload_of_forty(tmp_path):
    cells = [dataclasses.replace(switch(), workload=f"workload_{number}") for number in range(40)]
    plan = build_all_kinds(tmp_path, cells, rounds=1, noise=Noise(samples=3))
    with style.figure_style():
        figure = drawn(tmp_path, plan, "roofline")["roofline"]
        assert overlaps(figure) == []
        assert {cell.workload for cell in cells} < {text.get_text() for text in drawn_texts(figure)}


def test_without_peaks_there_is_no_roofline(tmp_path):
    plan = build_all_kinds(tmp_path, [switch()], rounds=1, noise=Noise(samples=3))
    assert "roofline" in registry.figure_names(plan)
    assert "roofline" not in registry.figure_names(dataclasses.replace(plan, peaks=False))


def test_the_roofline_of_workloads_that_are_alike_has_numbers_on_both_axes(tmp_path):
    plan = build_all_kinds(tmp_path, [switch()], rounds=1, noise=Noise(samples=3))
    with style.figure_style():
        figure = drawn(tmp_path, plan, "roofline")["roofline"]
        (panel,) = figure.axes
        figure.canvas.draw()
        for axis in (panel.xaxis, panel.yaxis):
            low, high = axis.get_view_interval()
            assert sum(low <= place <= high for place in axis.get_majorticklocs()) > 1


def test_no_text_overlaps_in_grids_with_holes(tmp_path):
    plan = build(
        tmp_path,
        [thread_grid(), thread_grid(workload="conv"), thread_grid(workload="branches"), thread_grid(workload="mlp")],
        faults=lambda record: failed(record) if record.setting.resolved["inter_op"] == 4 else record,
    )
    with style.figure_style():
        for name, figure in drawn(tmp_path, plan).items():
            assert overlaps(figure) == [], name


@pytest.mark.parametrize(
    ("knobs", "heading", "names"),
    [
        ({"intra_op": [1, 2], "inter_op": [None, 2]}, "intra_op, inter_op", ["1, default", "2, 2"]),
        ({"TF_ENABLE_ONEDNN_OPTS": ["1", "0"]}, "TF_ENABLE_ONEDNN_\nOPTS", ["1", "0"]),
        ({"intra_op": [1, 1], "XLA_FLAGS": ["--a", "--b"]}, "XLA_FLAGS", ["--a", "--b"]),
    ],
)
def test_rows_are_named_by_what_tells_them_apart(knobs, heading, names):
    settings = [dict(zip(knobs, values, strict=True)) for values in zip(*knobs.values(), strict=True)]
    cell = simulated_plan([SimulatedCell("s", "w", settings, [1, 1])]).cells[0]
    result = row_names(cell.settings)
    assert (result.heading, list(result.names.values())) == (heading, names)
    assert list(result.places.values()) == [result.lines - 1.5, result.lines - 0.5]


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
            if not name.endswith("run-order") and name != "canary":
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
    """Better, worse, equivalent and open have a colour and a marker each; none is the baseline's or a failure's."""
    better = (Verdict.FASTER, Verdict.LESS), (Verdict.SLOWER, Verdict.MORE)
    for same, other in better:
        assert style.VERDICT_COLOURS[same] == style.VERDICT_COLOURS[other]
        assert style.VERDICT_MARKERS[same] == style.VERDICT_MARKERS[other]
    told_apart = [verdict for verdict in style.VERDICT_COLOURS if verdict not in (Verdict.LESS, Verdict.MORE)]
    colours = [
        *(style.VERDICT_COLOURS[verdict] for verdict in told_apart),
        style.INK,
        style.PALE,
        style.FAILURE,
        style.ASIDE,
        style.ALL_CPUS,
    ]
    assert len(set(colours)) == len(colours)
    assert len({*(style.VERDICT_MARKERS[verdict] for verdict in told_apart), "D", "X"}) == len(told_apart) + 2


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
    rows = COMPARISONS.read(tmp_path)
    assert [row.verdict for row in rows] == ["not resolved: one round only"]
    with style.figure_style():
        figure = drawn(tmp_path, plan, "onednn-speedup")["onednn-speedup"]
        assert any(text.get_text() == style.NOT_TESTED for text in figure.findobj(Text))


def test_a_missing_table_is_named(tmp_path, capsys):
    simulate(tmp_path, PAIR)
    assert figures.main(["--results", str(tmp_path)]) == 2
    assert "analysis.tables.tidy" in capsys.readouterr().err
    assert tidied(tmp_path) == 0
    assert figures.main(["--results", str(tmp_path)]) == 2
    assert "analysis.comparisons.compare" in capsys.readouterr().err
