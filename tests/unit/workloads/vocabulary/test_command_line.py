"""A stage's command takes a machine's folder, and is named as `python -m` runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from workloads.vocabulary.command_line import stage
from workloads.vocabulary.errors import RunError

ROOT = Path(__file__).parents[4]


def test_a_stage_gets_the_machine_s_folder() -> None:
    seen: list[Path] = []

    def write(root: Path) -> None:
        seen.append(root)

    assert stage(write)(["--results", "results/here"]) == 0
    assert seen == [Path("results/here")]


def test_a_stage_that_cannot_go_on_ends_with_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    def write(root: Path) -> None:
        raise RunError(f"{root} is empty", "measure first")

    assert stage(write)(["--results", "here"]) == 2
    assert capsys.readouterr().err == "threadmark: here is empty; measure first\n"


def test_a_command_is_named_as_it_is_run() -> None:
    for module, says in (("analysis.bundle", "Bundles: everything of"), ("analysis.tables.tidy", "")):
        line = [sys.executable, "-m", module, "--help"]
        said = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        assert said.startswith(f"usage: python -m {module} [")
        assert says in said
