"""A new workload is one file and one line of a config, as CONTRIBUTING.md shows it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.made.workflow_tree import ROOT, Snakemake

pytestmark = pytest.mark.long


def example(language: str, heading: str) -> str:
    """The first code block of a language below a heading of CONTRIBUTING.md."""
    section = (ROOT / "CONTRIBUTING.md").read_text().split(f"## {heading}\n")[1]
    match = re.search(rf"```{language}\n(.*?)```", section, re.DOTALL)
    assert match is not None
    return match[1]


def test_a_workload_is_added_by_one_file_and_one_line(tree: Path, snakemake: Snakemake, cpu: object) -> None:
    (tree / "workloads/kernels/outer_product.py").write_text(example("python", "A workload"))
    (tree / "config/added.yaml").write_text(
        f"""
rounds: 1
timing: {{warmup_s: 0.05, slice_s: 0.05, cycles: 3}}
workloads:
  {example("yaml", "A workload").strip()}
sweeps:
  threads:
    question: Does the new workload run?
    workloads: [outer_product]
    grid: {{intra_op: [1, 2]}}
    baseline: {{intra_op: 1}}
"""
    )
    done = snakemake("--configfile", "config/added.yaml", "--until", "tables")
    assert done.returncode == 0, done.stdout
    results = [
        json.loads(line) for path in tree.glob("results/*/rounds/*/*/*.jsonl") for line in path.read_text().splitlines()
    ]
    # Each setting, and those that the machine disturbed again.
    assert {record["status"] for record in results} == {"ok"}
    assert {record["setting"]["resolved"]["intra_op"] for record in results} == {1, 2}
    assert {record["case"]["workload"] for record in results} == {"outer_product"}
    assert all(record["measurement"]["check"]["error"] < 1e-5 for record in results)
