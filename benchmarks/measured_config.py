"""Measures a config that a benchmark makes up, by the suite's own workflow."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from containers.rounds.progress import is_whole
from workloads.vocabulary import documents
from workloads.vocabulary.plan import Plan

ROOT = Path(__file__).parents[1]

# Snakemake may end before all rounds that were decided on are made; another run carries on.
_RUNS = 3


def measure(config: dict[str, Any], folder: Path) -> Path:
    """Run up to the table of comparisons, and return the machine's folder; what is on file stands, as in any run.

    `config` lacks `results`, which `folder` is. Raises SystemExit if the run ends badly.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "config.yaml"
    file.write_text(json.dumps(config | {"results": str(folder)}, indent=1) + "\n")  # JSON is YAML
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--quiet", "rules", "host", "reason", "progress"]
    for _ in range(_RUNS):
        status = subprocess.run(
            [*command, "--configfile", str(file), "--", "comparisons"], cwd=ROOT, check=False
        ).returncode
        if status:
            raise SystemExit(f"the run ended with status {status}; its logs lie below {folder}")
        (plan,) = folder.glob("*/plan.json")
        if is_whole(plan.parent, documents.read(Plan, plan)):
            break
    return plan.parent
