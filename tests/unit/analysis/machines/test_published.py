"""The published runs: their folders are their bundles unpacked."""

import shutil
from pathlib import Path

import pytest

from analysis.bundle.add import add
from analysis.machines import side_by_side as compare
from analysis.records.machine_folders import IMPORTED, machine_folders

ROOT = Path(__file__).parents[4]
ALL = ROOT / "results/published"
COMMON = ALL / "common"
COMPARISON = "comparison"
PUBLISHED = sorted(path.parent for path in ALL.rglob("report.md") if path.parent.name != COMPARISON)


def test_a_run_is_published() -> None:
    assert PUBLISHED


@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda folder: folder.name)
def test_a_published_folder_is_its_bundle_unpacked(folder: Path, tmp_path: Path) -> None:
    """That tables, figures and report follow from the records is shown of the bundle, in test_analysis_bundle."""
    add(folder.with_name(f"{folder.name}.tar.xz"), tmp_path / IMPORTED)
    imported = tmp_path / IMPORTED
    bundled = {path.relative_to(imported): path for path in imported.rglob("*") if path.is_file()}
    unpacked = {path.relative_to(folder.parent): path for path in folder.rglob("*") if path.is_file()}
    assert [name for name, path in unpacked.items() if path.read_bytes() != bundled[name].read_bytes()] == []
    left_out = {name.parts[1] for name in bundled.keys() - unpacked.keys()}
    assert left_out == {"CITATION.cff", "LICENSE", "SHA256SUMS", "figures", "ro-crate-metadata.json", "suite", "tables"}


def test_the_published_comparison_follows_from_the_published_runs(tmp_path: Path) -> None:
    machines = machine_folders(COMMON)
    assert len(machines) > 1
    for machine in machines:
        shutil.copytree(machine, tmp_path / machine.name)
    compare.write([tmp_path / machine.name for machine in machines], tmp_path / COMPARISON, ROOT / "config/claims.yaml")
    made = {path.relative_to(tmp_path): path for path in (tmp_path / COMPARISON).rglob("*") if path.is_file()}
    published = {path.relative_to(COMMON): path for path in (COMMON / COMPARISON).rglob("*") if path.is_file()}
    assert {path.suffix for path in made.keys() - published.keys()} == {".png"}
    assert [path for path, file in published.items() if file.read_bytes() != made[path].read_bytes()] == []
