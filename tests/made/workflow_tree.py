"""A copy of the suite's tree that a test may edit, and Snakemake in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

Snakemake = Callable[..., "subprocess.CompletedProcess[str]"]


def plant(folder: Path) -> Path:
    """Put what git tracks, or would, into `folder`: a fresh clone with this checkout's edits."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file() and not name.startswith("results/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    # Wheels and what is known of built images: a clone beside this one would have to fetch them again.
    (ROOT / ".cache").mkdir(exist_ok=True)
    (folder / ".cache").symlink_to(ROOT / ".cache")
    return folder


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree of the test's own."""
    return plant(tmp_path)


def snakemake_in(tree: Path) -> Snakemake:
    """Runs Snakemake in a tree; its output is one text, as on a terminal."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "snakemake", "--cores", "1", *arguments],
            cwd=tree,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def snakemake(tree: Path) -> Snakemake:
    """Run Snakemake in the test's tree."""
    return snakemake_in(tree)
