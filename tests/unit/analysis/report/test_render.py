"""The report: every number is the tables', every link leads somewhere, every hole is told."""

import dataclasses
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from analysis import wording
from analysis.claims.verdict import CLAIMS as CLAIMS_TABLE
from analysis.comparisons.comparison import COMPARISONS, Comparison
from analysis.comparisons.verdict import Verdict
from analysis.export import twins
from analysis.figures import draw as figures
from analysis.recommendations.overview import OVERVIEW, sentences
from analysis.recommendations.recommendation_row import RECOMMENDATIONS
from analysis.report import findings, markdown, soundness
from analysis.report import render as report
from analysis.tables.tables import read_launches, read_slices
from tests.made.analysed import make_tables
from tests.made.simulated import SimulatedCell, failed, switch, thread_grid, write_simulated_machine
from workloads.vocabulary import amounts
from workloads.vocabulary.plan import Hole, HoleKind, Plan
from workloads.vocabulary.record import Record, Status, to_json

CLAIMS = Path(__file__).parents[4] / "config/claims.yaml"
CELLS = [thread_grid(rounds=3), thread_grid(workload="mlp_training", rounds=3), switch(rounds=3)]
HOLES = [Hole(HoleKind.IMAGE, "cuda", "the engine has no `GPU` | none at all")]


def faults(record: Record) -> Record | None:
    """One launch fails, one has a pool of the wrong size, one a wrong output, and a round is not there."""
    if record.sweep == "onednn":
        return None if record.round == 3 else record
    if (record.workload, record.round, record.position) == ("matmul", 2, 4):
        return failed(record)
    if (record.workload, record.round, record.position) == ("matmul", 1, 2):
        observed = dataclasses.replace(record.measurement.observed, inter_threads=7)
        return dataclasses.replace(record, measurement=dataclasses.replace(record.measurement, observed=observed))
    if (record.workload, record.round, record.position) == ("mlp_training", 1, 1):
        check = dataclasses.replace(record.measurement.check, passed=False, error=0.5)
        measurement = dataclasses.replace(record.measurement, check=check)
        return dataclasses.replace(failed(record, Status.WRONG_OUTPUT, "off by half"), measurement=measurement)
    return record


def build(root: Path, cells=CELLS, **options) -> Plan:
    plan = write_simulated_machine(root, cells, **options)
    analyse(root)
    return plan


def analyse(root: Path) -> None:
    make_tables(root)
    for module in (figures, report, twins):
        assert module.main(["--results", str(root)]) == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A machine's folder with a report that has something of everything to tell."""
    root = tmp_path_factory.mktemp("machine")
    build(root, faults=faults, holes=HOLES)
    return root


@pytest.fixture(scope="module")
def text(folder) -> str:
    return (folder / "report.md").read_text()


@pytest.fixture(scope="module")
def details(folder) -> str:
    return (folder / "details.md").read_text()


def tokens(text: str) -> list[Token]:
    return MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)


def tables(text: str) -> list[list[list[str]]]:
    """Every table as rows of cells, each the Markdown of its cell."""
    results: list[list[list[str]]] = []
    for opening, token in pairwise(tokens(text)):
        if opening.type == "table_open":
            results.append([])
        if opening.type == "tr_open":
            results[-1].append([])
        if opening.type in ("th_open", "td_open"):
            results[-1][-1].append(token.content)
    return results


def table(text: str, heading: str) -> list[list[str]]:
    """The rows, without the head, of the tables whose first columns are named `heading`."""
    names = heading.split("|")
    return [row for entry in tables(text) if entry[0][: len(names)] == names for row in entry[1:]]


def links(text: str) -> list[str]:
    inline = [child for token in tokens(text) for child in token.children or []]
    targets = [str(child.attrs["href"]) for child in inline if child.type == "link_open"]
    return targets + [str(child.attrs["src"]) for child in inline if child.type == "image"]


def anchors(text: str) -> list[str]:
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("name", report.FILES)
def test_every_link_leads_to_a_file_or_a_heading(folder, name):
    slugs = {file: anchors((folder / file).read_text()) for file in report.FILES}
    targets = links((folder / name).read_text())
    assert len(targets) >= 20
    for target in targets:
        path, _, fragment = target.partition("#")
        assert (folder / path).exists(), target
        if fragment and path in ("", *report.FILES):
            assert fragment in slugs[path or name], target
        elif fragment:
            line = int(fragment.removeprefix("L"))
            assert line <= len((folder / path).read_text().splitlines()), target


def test_no_heading_of_the_details_is_one_of_the_report(text, details):
    """The page holds both, and a link leads to the first of two with one name."""
    names = anchors(text) + anchors(details)
    assert len(names) == len(set(names))


def test_every_figure_is_shown(folder, text, details):
    shown = {Path(target).name for target in links(text) + links(details) if target.startswith("figures/")}
    assert shown == {path.name for path in (folder / "figures").glob("*.svg")}


def test_every_number_of_the_comparisons_is_the_table_s(folder, details):
    rows = table(details, "Workload|Setting|Time")
    comparisons = COMPARISONS.read(folder)
    assert len(rows) == len(comparisons) == 19
    assert sum(comparison.failed for comparison in comparisons) > 0
    for row, entry in zip(rows, comparisons, strict=True):
        assert row[0] == entry.workload
        assert row[1] == f"`{entry.label}`"
        assert number(row[2]) == pytest.approx(entry.call_s * 1e3, rel=0.005)
        assert number(row[3]) == pytest.approx(entry.baseline_call_s * 1e3, rel=0.005)
        assert number(row[4]) == pytest.approx(entry.ratio, rel=0.005)
        low, high = row[5].split(" to ")
        assert (number(low), number(high)) == pytest.approx((entry.low, entry.high), rel=0.005)
        assert (
            row[6] == "< 0.001"
            if entry.p_adjusted < 0.001
            else number(row[6]) == pytest.approx(entry.p_adjusted, rel=0.005)
        )
        assert row[7] == entry.verdict + (" (**1 launch failed**)" if entry.failed else "")
        assert row[8] == wording.difference(entry.resolvable)
        assert row[9] == f"[{entry.pairs} of {entry.rounds}]({entry.directory})"


def number(text: str) -> float:
    return float(re.match(r"[0-9.]+", text).group())


def test_the_first_table_has_a_row_a_workload_below_the_answer_in_words_and_a_picture(folder, text):
    assert tables(text)[0][0][:3] == ["Workload", "Run it with", "Gain"]
    rows = table(text, "Workload|Run it with")
    expected = OVERVIEW.read(folder)
    assert len(rows) == len(expected) == 2
    for row, answer in zip(rows, expected, strict=True):
        assert row[0] == answer.workload
        assert row[1] == f"[{'the defaults' if answer.stays else f'`{answer.best}`'}]({answer.file})"
        gain = wording.ratio(1.0 if answer.stays else answer.gain)
        low_to_high = "–" if answer.stays else wording.interval(answer.low, answer.high)
        assert row[2:4] == [f"[{gain}]({answer.directory})", low_to_high]
        assert (folder / answer.file).exists()
    above = text[: text.index("| Workload | Run it with")]
    assert f"**{' '.join(sentences(expected, markdown.code))}**" in above
    assert "(figures/overview.svg)" in above


def test_each_sweep_s_own_recommendation_stands_below(folder, text):
    rows, expected = table(text, "Sweep|Workload|Run it with"), RECOMMENDATIONS.read(folder)
    for row, recommended in zip(rows, expected, strict=True):
        assert row[1] == recommended.workload
        label = "the defaults" if recommended.stays else f"`{recommended.label}`"
        assert row[2] == f"[{label}]({recommended.file})"
        assert row[3:5] == [wording.ratio(recommended.gain), wording.interval(recommended.low, recommended.high)]


def test_the_first_screen_tells_what_was_found_and_how_far_to_trust_it(text):
    """Before the first fold: machine, best settings, claims in counts, and what speaks for and against the run."""
    first = text[: text.index("<details>")]
    assert len(first.splitlines()) < 40
    assert "Simulated CPU @ 2.00GHz, 2 CPUs for the launches" in first
    counted = re.search(r"\*\*Claims:\*\* (\d+) of \d sources?: (.*) \(\[which\]", first)
    assert sum(int(number) for number in re.findall(r"(\d+) ", counted[2])) == int(counted[1])
    assert "- Negative controls: this config compares no identical settings" in first
    assert re.search(r"- Cycles that the machine disturbed: 0 of \d+ set aside", first)


def test_a_run_that_compares_images_says_first_what_they_come_to(tmp_path):
    settings = [{"image": name} for name in ("tf-2.15", "tf-2.16", "cpu")]
    cell = SimulatedCell("versions", "conv", settings, [1.0, 1.3, 1.0], 8, "Which version is faster?")
    build(tmp_path, [cell])
    text = (tmp_path / "report.md").read_text()
    first = text[text.index("## In short") : text.index("**How far to trust")]
    assert "**Which version is faster?** " in first
    assert "`image=tf-2.16`" in first
    assert "[the course of each workload](#sweep-versions)" in first


def test_a_claim_s_row_is_short_and_its_finding_stands_in_the_details(folder, text, details):
    rows, verdicts = table(text, "No.|Claim|Verdict"), CLAIMS_TABLE.read(folder)
    tested = [(number, entry) for number, entry in enumerate(verdicts, 1) if entry.verdict != "not testable here"]
    for row, (number, verdict) in zip(rows, tested, strict=True):
        assert max(len(cell) for cell in row[2:]) < 80
        assert row[0] == str(number)
        assert row[2] == f"**{verdict.verdict}**"
    for verdict in verdicts:
        for words in (verdict.found, verdict.reason):
            assert markdown.text(words) in details
    others = ", ".join(str(number) for number, entry in enumerate(verdicts, 1) if entry.verdict == "not testable here")
    assert f"Not testable here, for what this config or this machine lacks: No. {others}.\n" in text


def test_the_sweeps_overview_counts_every_comparison_once(folder, text):
    rows, comparisons = table(text, "Sweep|Question"), COMPARISONS.read(folder)
    assert [row[0] for row in rows] == ["[threads](#sweep-threads)", "[onednn](#sweep-onednn)"]
    for row in rows:
        assert sum(int(cell) for cell in row[3:]) == number(row[2].lstrip("["))
    assert sum(number(row[2].lstrip("[")) for row in rows) == len(comparisons)
    assert sum(int(row[3]) for row in rows) == sum(comparison.verdict == "faster" for comparison in comparisons)


def test_holes_failures_and_missing_rounds_are_told(text):
    assert "- image cuda: the engine has no \\`GPU\\` \\| none at all" in text
    assert [row[:4] for row in table(text, "Sweep|Workload|Round")] == [["onednn", "conv", "3", "0"]]
    failures = {row[2]: row for row in table(text, "Record|Setting|Status")}
    assert set(failures) == {"aborted", "wrong_output"}
    assert "/2/4`](rounds/threads/matmul@" in failures["aborted"][0]
    assert "2.jsonl#L4" in failures["aborted"][0]
    assert failures["aborted"][4] == "``F tensorflow simulated | `check` failed``"
    assert "**This run is not complete:** 1 round missing" in text


def test_a_pool_of_another_size_than_asked_is_told(folder, text):
    (row,) = table(text, "Sweep|Workload|Setting|Pool")
    (wrong,) = soundness.threads(read_launches(folder)).mismatches
    assert row[3:7] == ["`inter_op`", str(wrong.asked), "7", "1"]
    assert "1.jsonl#L2" in row[7]


def test_output_checks_show_the_largest_error(details):
    rows = {row[0]: row for row in table(details, "Workload|Launches checked")}
    assert rows["mlp_training"][2:5] == ["1", "5.00e-01", "1.00e-05"]
    assert rows["conv"][2:4] == ["0", "2.50e-07"]


def test_shares_of_the_time_add_up(folder, text, details):
    rows = table(details, "Phase|Time|Share")
    assert sum(number(row[2]) for row in rows) == pytest.approx(100, abs=0.5)
    slices = read_slices(folder)
    timed = (slices["calls"].astype(float) * slices["work_s"]).sum() / read_launches(folder)["wall_s"].sum()
    assert f"timed calls are {amounts.digits(100 * timed)} %" in text


def test_a_machine_that_does_not_tell_is_said_to(details):
    rows = {row[0]: row[1] for table_ in tables(details) for row in table_ if len(row) == 2}
    assert rows["NUMA nodes"] == rows["frequency governor"] == "this machine does not tell"
    assert rows["GPUs"] == "none: a simulated machine has no GPU"


def test_what_the_machine_discloses_and_who_measured_is_told(tmp_path):
    plan = build(tmp_path, [switch(rounds=2)])
    machine = json.loads((tmp_path / "machine.json").read_text()) | {"disclosed": {"microcode": "0xa1"}}
    (tmp_path / "machine.json").write_text(json.dumps(machine))
    about = {"about": {"tester": "A. Reviewer", "notes": "Doors *open*."}}
    (tmp_path / "plan.json").write_text(to_json(dataclasses.replace(plan, config=plan.config | about)))
    pages = report.render(tmp_path)
    assert "Measured by A. Reviewer. Doors \\*open\\*." in pages["report.md"]
    assert "| microcode | 0xa1 |" in pages["details.md"]


def test_same_tables_same_report(folder, text, details):
    assert report.render(folder) == {"report.md": text, "details.md": details}


def test_a_complete_run_has_no_holes(tmp_path):
    build(tmp_path, [switch(rounds=2)])
    text = (tmp_path / "report.md").read_text()
    assert "None: everything that the config asks for was measured." in text
    assert "not complete" not in text


@pytest.mark.parametrize("broken", [lambda record: None, failed], ids=["nothing measured", "all failed"])
def test_a_run_without_measurements_has_a_report(tmp_path, broken):
    build(tmp_path, [switch(rounds=2)], faults=broken)
    text = (tmp_path / "report.md").read_text()
    assert "not known" in text
    assert "nan" not in text.lower().replace("governance", "")
    for target in links(text):
        assert not target.partition("#")[0] or (tmp_path / target.partition("#")[0]).exists(), target


def test_a_sweep_of_its_baseline_alone_has_a_section(tmp_path):
    build(tmp_path, [SimulatedCell("lone", "matmul", [{"intra_op": 1}], [1.0], rounds=2)])
    text = (tmp_path / "report.md").read_text()
    assert "nothing to compare" in text


def made(verdict: Verdict, speedup: float | None = None, resolvable: float | None = None, **more) -> Comparison:
    return Comparison(
        *("s", "w", "d", "a", "x=1", "b", "x=0", 5, 5, 0, verdict),
        **{"ratio": speedup, "low": speedup, "high": speedup, "resolvable": resolvable, **more},
    )


@pytest.mark.parametrize(
    ("comparisons", "finding"),
    [
        ([], "The sweep has no setting beside its baseline, so there is nothing to compare."),
        (
            [made(Verdict.FASTER, 1.5), made(Verdict.FASTER, 2.0), made(Verdict.SLOWER, 0.5)],
            "Of 3 comparisons with the baseline, 2 are faster and 1 is slower; "
            "the largest gain is 2.00× (95 % interval 2.00 to 2.00), w with `x=1`; "
            "the largest loss is 0.500× (95 % interval 0.500 to 0.500), w with `x=1`. Nothing is left open.",
        ),
        (
            [made(Verdict.UNRESOLVED, 1.01, 1.1), made(Verdict.UNRESOLVED, 1.02, 1.3)],
            "Of 2 comparisons with the baseline, none shows a difference. "
            "For 2 we can only say that any difference is below 10.0 % (the smallest limit) to 30.0 % (the largest).",
        ),
        (
            [made(Verdict.UNRESOLVED, 1.01, 1.1)],
            "The one comparison with the baseline shows no difference. "
            "We can only say that any difference is below 10.0 %.",
        ),
        (
            [made(Verdict.SLOWER, 0.5)],
            "The one comparison with the baseline is slower: 0.500× (95 % interval 0.500 to 0.500), w with `x=1`. "
            "Nothing is left open.",
        ),
        (
            [made(Verdict.EQUIVALENT, 1.0, margin=0.02), made(Verdict.ALL_FAILED)],
            "Of 2 comparisons with the baseline, none shows a difference. "
            "1 is the same as the baseline within 2 %; 1 could not be tested (every launch failed).",
        ),
    ],
    ids=["none", "resolved", "open", "one open", "one", "equivalent and untested"],
)
def test_findings_say_what_was_seen_and_what_is_left_open(comparisons, finding):
    assert findings.sweep_finding(comparisons) == finding


def test_a_finding_on_negative_controls_alone_says_so():
    results = [made(Verdict.UNRESOLVED, 1.01, 1.1), made(Verdict.UNRESOLVED, 1.02, 1.1)]
    controls = {("d", "a")}
    assert "any difference would be a false one" in findings.sweep_finding(results, controls)
    results.append(dataclasses.replace(results[0], setting="c"))
    assert "any difference would be a false one" not in findings.sweep_finding(results, controls)


def test_a_missing_document_is_named(tmp_path, capsys):
    build(tmp_path, [switch(rounds=1)])
    (tmp_path / "machine.json").unlink()
    capsys.readouterr()
    assert report.main(["--results", str(tmp_path)]) == 2
    assert "machine.json is missing" in capsys.readouterr().err


def test_ways_of_writing_numbers():
    assert wording.difference(1.043) == "4.30 %"
    assert wording.difference(1e30) == "> 100 times"
    assert wording.p_value(0.0004) == "< 0.001"
    assert wording.p_value(None) == wording.ratio(None) == wording.interval(None, None) == amounts.UNKNOWN
    assert wording.interval(0.0, 1e9) == "< 0.01 to > 100"
    assert [wording.call_time(value) for value in (2, 0.0371, 12e-6)] == ["2.00 s", "37.1 ms", "12.0 µs"]
    assert [wording.amount(*work) for work in ((1.7e10, "FLOP"), (3e6, "byte"), (1, "example"), (0.5, "FLOP"))] == [
        *("17.0 GFLOP", "3.00 MB", "1 example", "0.500 FLOP")
    ]
    assert wording.margin(0.02) == "2 %"


@pytest.mark.parametrize(
    "words", ["plain", "a|b", "`x`", "``", "<b>*bold*</b>", "[a](b)", "_x_ a_b", "a\nb", "&amp; #1"]
)
def test_text_in_a_table_shows_as_it_is(words):
    """Read back by a Markdown parser, both ways give the words that went in."""
    line = f"|{markdown.text(words)}|{markdown.code(words)}|"
    parsed = MarkdownIt().enable("table").parse(f"|a|b|\n|-|-|\n{line}\n")
    cells = [token for token in parsed if token.type == "inline"][2:]
    shown = ["".join(child.content for child in cell.children or []) for cell in cells]
    assert shown == [" ".join(words.split())] * 2
