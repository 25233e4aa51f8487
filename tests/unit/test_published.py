"""The published run: its report follows from its records, and the README says what the report says."""

import re
import shutil
from pathlib import Path

import pytest

from analysis import claims, figures, recommendation, report, stats, tidy

ROOT = Path(__file__).parents[2]
PUBLISHED = sorted(path.parent for path in (ROOT / "results/published").glob("*/report.md"))


def test_a_run_is_published() -> None:
    assert PUBLISHED


@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda folder: folder.name)
def test_comparisons_and_report_follow_from_the_records(folder: Path, tmp_path: Path) -> None:
    """Rebuilt from plan, machine, receipts and rounds alone, they are the same to the byte."""
    for name in ("plan.json", "machine.json", "config.yaml", "canary.json"):
        shutil.copy(folder / name, tmp_path)
    for name in ("images", "audit", "rounds"):
        shutil.copytree(folder / name, tmp_path / name)
    for stage, *more in (
        (tidy,),
        (stats,),
        (claims, "--claims", str(ROOT / "config/claims.yaml")),
        (recommendation,),
        (figures,),
        (report,),
    ):
        assert stage.main(["--results", str(tmp_path), *more]) == 0
    for name in ("tables/comparisons.csv", "tables/claims.csv", "report.md"):
        assert (tmp_path / name).read_text() == (folder / name).read_text()
    names = {path.name for path in (folder / "figures").iterdir()}
    assert names == {path.name for path in (tmp_path / "figures").glob("*.svg")}


def test_the_readme_s_table_is_the_published_report_s() -> None:
    readme = (ROOT / "README.md").read_text()
    section = readme[readme.index("## A real run") : readme.index("## How to read a report")]
    table = [line for line in section.splitlines() if line.startswith("|")]
    assert len(table) > 4
    reports = "\n".join((folder / "report.md").read_text() for folder in PUBLISHED)
    for line in table:
        # Links are relative to the report; the README's table has none.
        assert line in re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", reports).splitlines()


def test_the_readme_s_findings_are_the_published_report_s() -> None:
    readme = (ROOT / "README.md").read_text()
    section = readme[readme.index("## A real run") : readme.index("## How to read a report")]
    findings = re.findall(r"^- \*(.+)\*\n  (.+)$", section, re.MULTILINE)
    reports = "\n".join((folder / "report.md").read_text() for folder in PUBLISHED)
    assert len(findings) == len(re.findall("^## Sweep ", reports, re.MULTILINE))
    for question, finding in findings:
        assert f"**{question}**\n\n{finding}\n" in reports


def test_the_readme_s_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", (ROOT / "README.md").read_text())
    assert links
    assert all((ROOT / (first or second)).exists() for first, second in links)
