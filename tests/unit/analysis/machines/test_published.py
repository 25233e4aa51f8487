"""The published runs: their folders are their bundles unpacked, and the README says what a report says."""

import re
import shutil
from pathlib import Path

import pytest

from analysis.bundle.add import add
from analysis.machines import side_by_side as compare
from analysis.records.machine_folders import machine_folders
from analysis.report import readme_section as readme

ROOT = Path(__file__).parents[4]
ALL = ROOT / "results/published"
COMPARISON = "comparison"
PUBLISHED = sorted(path.parent for path in ALL.rglob("report.md") if path.parent.name != COMPARISON)


def test_a_run_is_published() -> None:
    assert PUBLISHED


@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda folder: folder.name)
def test_a_published_folder_is_its_bundle_unpacked(folder: Path, tmp_path: Path) -> None:
    """That tables, figures and report follow from the records is shown of the bundle, in test_analysis_bundle."""
    add(folder.with_name(f"{folder.name}.tar.xz"), tmp_path)
    bundled = {path.relative_to(tmp_path): path for path in tmp_path.rglob("*") if path.is_file()}
    unpacked = {path.relative_to(folder.parent): path for path in folder.rglob("*") if path.is_file()}
    assert [name for name, path in unpacked.items() if path.read_bytes() != bundled[name].read_bytes()] == []
    left_out = {name.parts[1] for name in bundled.keys() - unpacked.keys()}
    assert left_out == {"CITATION.cff", "LICENSE", "SHA256SUMS", "figures", "ro-crate-metadata.json", "suite", "tables"}


def test_the_published_comparison_follows_from_the_published_runs(tmp_path: Path) -> None:
    machines = machine_folders(ALL)
    assert len(machines) > 1
    for machine in machines:
        shutil.copytree(machine, tmp_path / machine.name)
    compare.write([tmp_path / machine.name for machine in machines], tmp_path / COMPARISON, ROOT / "config/claims.yaml")
    made = {path.relative_to(tmp_path): path for path in (tmp_path / COMPARISON).rglob("*") if path.is_file()}
    published = {path.relative_to(ALL): path for path in (ALL / COMPARISON).rglob("*") if path.is_file()}
    assert {path.suffix for path in made.keys() - published.keys()} == {".png"}
    assert [path for path, file in published.items() if file.read_bytes() != made[path].read_bytes()] == []


def test_the_readme_s_section_is_what_the_published_report_gives(tmp_path: Path) -> None:
    """`python -m analysis.report.readme_section` would change nothing; on a mismatch, run it."""
    text = (ROOT / "README.md").read_text()
    (place,) = re.findall(r"the whole report\]\((results/published/[^)]+)\)", text)
    section = readme.section((ROOT / place).read_text(), place)
    assert section in text
    assert re.search(r"beside its records\.\n\n.* for the launches, .*; TensorFlow \d", section)
    assert section.count("\n- *") == len(re.findall("^### Sweep ", (ROOT / place).read_text(), re.MULTILINE)) > 10


def test_the_readme_s_section_is_replaced_and_the_rest_left_alone(tmp_path: Path) -> None:
    shutil.copytree(PUBLISHED[0], tmp_path / "results/one", ignore=shutil.ignore_patterns("rounds"))
    before = "# A\n\n## A real run\n\nold\n\n## After\n\nkept\n"
    (tmp_path / "README.md").write_text(before)
    line = ["--report", str(tmp_path / "results/one/report.md"), "--readme", str(tmp_path / "README.md")]
    assert readme.main(line) == 0
    once = (tmp_path / "README.md").read_text()
    assert once.startswith("# A\n\n## A real run\n\n")
    assert once.endswith("\n\n## After\n\nkept\n")
    assert "\nold\n" not in once
    assert readme.main(line) == 0
    assert (tmp_path / "README.md").read_text() == once
    links = re.findall(r"\]\(([^)#]+)", once)
    assert len(links) > 5
    assert [link for link in links if not link.startswith("results/one/")] == []
    kept = [link for link in links if "/rounds/" not in link]
    assert [link for link in kept if not (tmp_path / link).exists()] == []


@pytest.mark.parametrize(
    ("report_text", "readme_text", "says"),
    [
        ("# Nothing\n", "## A real run\n", "has no first screen"),
        (None, "## A real run\n", "is missing"),
        ("# Nothing\n", "# No place\n", "has no section"),
    ],
)
def test_a_readme_that_cannot_be_written_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], report_text: str | None, readme_text: str, says: str
) -> None:
    if report_text is not None:
        (tmp_path / "report.md").write_text(report_text)
    (tmp_path / "README.md").write_text(readme_text)
    line = ["--report", str(tmp_path / "report.md"), "--readme", str(tmp_path / "README.md")]
    assert readme.main(line) == 2
    assert says in capsys.readouterr().err
    assert (tmp_path / "README.md").read_text() == readme_text


def test_the_readme_s_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", (ROOT / "README.md").read_text())
    assert links
    assert all((ROOT / (first or second)).exists() for first, second in links)
