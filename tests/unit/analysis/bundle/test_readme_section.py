"""The README's section on a published run is what that run's bundle gives."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.bundle import readme_section
from analysis.bundle.rebuild import write_files
from analysis.comparisons.comparison import COMPARISONS
from analysis.comparisons.verdict import Verdict
from analysis.records.folder import read_plan
from tests.made.bundles import MACHINE, small_bundle, unpacked

ROOT = Path(__file__).parents[4]


def written(folder: Path) -> str:
    """The README in `folder`, with the section on the small bundle."""
    (folder / "results").mkdir(exist_ok=True)
    bundle = folder / f"results/{MACHINE}.tar.xz"
    bundle.write_bytes(small_bundle())
    assert readme_section.main(["--bundle", str(bundle), "--readme", str(folder / "README.md")]) == 0
    return (folder / "README.md").read_text()


def test_the_readme_s_section_is_what_the_published_bundle_gives(tmp_path: Path) -> None:
    """`python -m analysis.bundle.readme_section` would change nothing; on a mismatch, run it."""
    text = (ROOT / "README.md").read_text()
    [place] = set(re.findall(r"\[The whole report\]\((results/published/[^/)]+)/report\.md\)", text))
    (tmp_path / "README.md").write_text(text)
    bundle = tmp_path / f"{place}.tar.xz"
    bundle.parent.mkdir(parents=True)
    bundle.write_bytes((ROOT / f"{place}.tar.xz").read_bytes())
    readme_section.write(bundle, tmp_path / "README.md")
    assert (tmp_path / "README.md").read_text() == text


def test_the_section_is_replaced_and_the_rest_left_alone(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# A\n\n## A real run\n\nold\n\n## After\n\nkept\n")
    once = written(tmp_path)
    assert once.startswith("# A\n\n## A real run\n\n`make report` measured this on")
    assert once.endswith("\n\n## After\n\nkept\n")
    assert "\nold\n" not in once
    assert written(tmp_path) == once
    links = re.findall(r"\]\(([^)#]+)", once)
    assert links
    assert all(link.startswith(f"results/{MACHINE}/") for link in links)


def test_each_sweep_shows_its_largest_difference_and_the_largest_come_first(tmp_path: Path) -> None:
    write_files(tmp_path, unpacked(small_bundle(), tmp_path))
    plan, [some, *_] = read_plan(tmp_path), COMPARISONS.read(tmp_path)
    sweep = plan.cells[0].sweep
    rows = [
        replace(some, sweep=sweep, setting="a", verdict=Verdict.FASTER, ratio=1.5),
        replace(some, sweep=sweep, setting="b", verdict=Verdict.SLOWER, ratio=0.5),
        replace(some, sweep=sweep, setting="c", verdict=Verdict.UNRESOLVED, ratio=9.0),
    ]
    [(question, largest)] = readme_section.largest_effects(plan, rows)
    assert (question, largest.setting) == (plan.cells[0].question, "b")


@pytest.mark.parametrize(
    ("has_bundle", "readme_text", "says"),
    [(False, "## A real run\n", "is missing"), (True, "# No place\n", "has no section")],
)
def test_a_readme_that_cannot_be_written_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], has_bundle: bool, readme_text: str, says: str
) -> None:
    if has_bundle:
        (tmp_path / "a.tar.xz").write_bytes(small_bundle())
    (tmp_path / "README.md").write_text(readme_text)
    line = ["--bundle", str(tmp_path / "a.tar.xz"), "--readme", str(tmp_path / "README.md")]
    assert readme_section.main(line) == 2
    assert says in capsys.readouterr().err
    assert (tmp_path / "README.md").read_text() == readme_text
