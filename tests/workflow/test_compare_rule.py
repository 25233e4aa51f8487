"""`snakemake compare` on folders that other runs left: it measures nothing, and runs again only if they change."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.made.workflow_tree import Snakemake

PUBLISHED = Path(__file__).parents[2] / "results/published"


def test_compare_takes_the_folders_as_they_are_and_runs_again_when_one_changes(
    tree: Path, snakemake: Snakemake
) -> None:
    result = tree / "results/epyc-2c-0abba0"
    two = tree / "results/published/epyc-1c-0abba0"
    shutil.copytree(PUBLISHED / "quick" / result.name, result)
    shutil.copytree(PUBLISHED / two.name, two, dirs_exist_ok=True)
    done = snakemake("compare")
    assert done.returncode == 0, done.stdout
    report = (tree / "results/comparison/report.md").read_text()
    assert f"[`{result.name}`](../{result.name}/report.md)" in report
    assert f"[`{two.name}`](../published/{two.name}/report.md)" in report
    assert "rule round" not in done.stdout
    assert "Nothing to be done" in snakemake("-n", "compare").stdout
    (two / "rounds/pools").rename(two / "rounds/elsewhere")
    assert "Params have changed since last execution" in snakemake("-n", "compare").stdout
