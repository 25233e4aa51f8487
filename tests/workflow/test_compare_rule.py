"""`snakemake compare` on folders that other runs left: it measures nothing, and runs again only if they change."""

from __future__ import annotations

from pathlib import Path

from tests.made.two_machines import machine, pools
from tests.made.workflow_tree import Snakemake


def test_compare_takes_the_folders_as_they_are_and_runs_again_when_one_changes(
    tree: Path, snakemake: Snakemake
) -> None:
    one = machine(tree / "results", "one-2c-000001", [pools(rounds=2)])
    two = machine(tree / "results/published", "two-2c-000002", [pools(rounds=2)])
    done = snakemake("compare")
    assert done.returncode == 0, done.stdout
    report = (tree / "results/comparison/report.md").read_text()
    assert f"[`{one.name}`](../{one.name}/report.md)" in report
    assert f"[`{two.name}`](../published/{two.name}/report.md)" in report
    assert "rule round" not in done.stdout
    assert "Nothing to be done" in snakemake("-n", "compare").stdout
    (two / "rounds/pools").rename(two / "rounds/elsewhere")
    assert "Params have changed since last execution" in snakemake("-n", "compare").stdout
