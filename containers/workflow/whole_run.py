"""A run that another command starts: Snakemake on a config, until all its rounds are there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from containers.rounds.progress import is_whole
from workloads.vocabulary import documents
from workloads.vocabulary.errors import RunError
from workloads.vocabulary.plan import Plan

_QUIET = ("--quiet", "rules", "host", "reason", "progress")

# Snakemake may end before all rounds that were decided on are made; another run carries on.
_RUNS = 3


def run_whole(config: Path, machine: Path) -> None:
    """Run the config in a file, whose results go to the folder `machine`. Raises RunError."""
    for _ in range(_RUNS):
        if run_module("snakemake", "--cores", "1", *_QUIET, "--configfile", str(config)) != 0:
            raise RunError("the run did not come to its end", "its own words stand above")
        if is_whole(machine, documents.read(Plan, machine / "plan.json")):
            break


def run_module(module: str, *words: str) -> int:
    """Run a module's command; its exit status."""
    return subprocess.run([sys.executable, "-m", module, *words], check=False).returncode
