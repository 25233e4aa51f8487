"""The published run: its report follows from its records, and the README says what the report says."""

import re
import shutil
from pathlib import Path

import pytest

from analysis import readme
from analysis.bundle_contents import CLAIMS_FILE, PARTS
from analysis.bundle_rebuild import STAGES

ROOT = Path(__file__).parents[2]
PUBLISHED = sorted(path.parent for path in (ROOT / "results/published").glob("*/report.md"))


def test_a_run_is_published() -> None:
    assert PUBLISHED


@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda folder: folder.name)
def test_tables_and_report_follow_from_the_records(folder: Path, tmp_path: Path) -> None:
    """Made again from what was measured alone, by the stages that rebuild a bundle, they are the same to the byte."""
    for part in PARTS:
        if part.origin == "measured" and (folder / part.path).is_dir():
            shutil.copytree(folder / part.path, tmp_path / part.path)
        elif part.origin == "measured" and (folder / part.path).exists():
            shutil.copy(folder / part.path, tmp_path)
    (tmp_path / CLAIMS_FILE).parent.mkdir(parents=True)
    shutil.copy(ROOT / "config/claims.yaml", tmp_path / CLAIMS_FILE)
    for stage in STAGES.values():
        stage(tmp_path)
    files = [path.relative_to(folder) for path in folder.rglob("*") if path.suffix in {".md", ".html", ".csv", ".tex"}]
    assert {Path("report.md"), Path("tables/comparisons.csv"), Path("tables/claims.csv")} <= set(files)
    for file in files:
        assert (tmp_path / file).read_text() == (folder / file).read_text(), file
    names = {path.name for path in (folder / "figures").glob("*.svg")}
    assert names == {path.name for path in (tmp_path / "figures").glob("*.svg")}


def test_the_readme_s_section_is_what_the_published_report_gives(tmp_path: Path) -> None:
    """`python -m analysis.readme` would change nothing; on a mismatch, run it."""
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
