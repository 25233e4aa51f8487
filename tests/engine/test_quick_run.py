"""The quick config, whole: from nothing to a report whose numbers are the records'."""

from __future__ import annotations

import csv
import json
import math
import re
import statistics
from pathlib import Path
from typing import Any

import pytest

from tests.made.workflow_tree import Snakemake
from workloads.vocabulary.inventory import Receipt

Json = dict[str, Any]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results")


def run(snakemake: Snakemake, results: Path) -> Path:
    """The machine's folder after a whole run; the first test to ask for it pays for it."""
    done = snakemake("--configfile", "config/quick.yaml", "--config", f"results={results}")
    assert done.returncode == 0, done.stdout
    return next(path.parent for path in results.glob("*/report.md"))


def records(folder: Path) -> list[Json]:
    return [json.loads(line) for path in folder.glob("rounds/*/*/*.jsonl") for line in path.read_text().splitlines()]


def speedup(found: list[Json], row: dict[str, str]) -> float:
    """The geometric mean of baseline over setting within rounds, from nothing but the records."""
    times = {
        (record["round"], record["setting"]["id"]): statistics.median(record["measurement"]["samples"])
        for record in found
        if record["sweep"] == row["sweep"] and record["workload"] == row["workload"] and record["disturbed"] is None
    }
    rounds = [number for number in (1, 2, 3) if {(number, row["baseline"]), (number, row["setting"])} <= times.keys()]
    return math.exp(statistics.fmean(math.log(times[n, row["baseline"]] / times[n, row["setting"]]) for n in rounds))


def test_the_report_says_what_the_records_say(snakemake: Snakemake, results: Path, cpu: Receipt) -> None:
    folder = run(snakemake, results)
    plan = json.loads((folder / "plan.json").read_text())
    found = records(folder)
    launches = sum(cell["rounds"] * len(cell["settings"]) for cell in plan["cells"])
    assert {record["status"] for record in found} == {"ok"}
    # A launch that the machine disturbed is on file beside the one that was made for it.
    assert len({(record["id"].rpartition("/")[0], record["setting"]["id"]) for record in found}) == launches
    assert len({record["id"] for record in found}) == len(found) >= launches

    rows = list(csv.DictReader((folder / "tables/comparisons.csv").read_text().splitlines()))
    assert len(rows) == sum(len(cell["settings"]) - 1 for cell in plan["cells"])
    report = (folder / "report.md").read_text()
    for row in rows:
        if not row["ratio"]:
            assert row["verdict"].startswith("not compared"), row
            continue
        ours = speedup(found, row)
        assert float(row["ratio"]) == pytest.approx(ours, rel=1e-4)
        start = f"| {row['workload']} | `{row['label']}` |"
        lines = [line for line in report.splitlines() if line.startswith(start) and f"({row['directory']})" in line]
        assert len(lines) == 1
        # Three significant digits, trailing zeros kept.
        assert re.search(rf" \| ({ours:.3g}|{ours:.2f}|{ours:.3f})× \| ", lines[0]), lines[0]

    for record in found:
        observed, case = record["measurement"]["observed"], record["case"]
        assert observed["traces"] in (0, None)  # None: an eager workload, which traces nothing
        assert observed["intra_threads"] == (case["intra_op"] or len(observed["cpus"]))
        assert observed["inter_threads"] == (case["inter_op"] or len(observed["cpus"]))
        assert record["image"]["content"] == cpu.image.content

    links = re.findall(r"\]\(([^)#]+)\)", report)
    assert len(links) > 10
    assert all((folder / link).exists() for link in links)
    assert all(path.stat().st_size > 5_000 for path in folder.glob("figures/*.png"))

    again = snakemake("--configfile", "config/quick.yaml", "--config", f"results={results}")
    assert "Nothing to be done" in again.stdout


def test_every_launch_of_a_sweep_had_an_environment_of_one_size(results: Path) -> None:
    found = [record for folder in results.iterdir() for record in records(folder)]
    sizes = {
        sum(len(f"{name}={value}".encode()) + 1 for name, value in record["environment"].items())
        + sum(len(word.encode()) + 1 for word in record["command"])
        for record in found
    }
    assert len(sizes) == 1


def test_each_workload_and_setting_counts_once_in_every_round(results: Path) -> None:
    found = [record for folder in results.iterdir() for record in records(folder)]
    by_setting: dict[tuple[object, ...], list[Json]] = {}
    for record in sorted(found, key=lambda record: record["attempt"]):
        key = (record["sweep"], record["workload"], record["round"], record["setting"]["id"])
        by_setting.setdefault(key, []).append(record)
    for made in by_setting.values():
        # Again only after a launch that the canary set aside.
        assert [record["attempt"] for record in made] == list(range(1, len(made) + 1))
        assert all(record["disturbed"] is not None for record in made[:-1])
    # The gate stands before a round, not before each launch.
    assert all((record["gate_s"] > 0) == (record["position"] == 1) for record in found)
    orders: dict[tuple[str, str], set[tuple[str, ...]]] = {}
    for sweep, workload, number in sorted({(r["sweep"], r["workload"], r["round"]) for r in found}):
        first = [
            record
            for record in found
            if (record["sweep"], record["workload"], record["round"]) == (sweep, workload, number)
            and record["attempt"] == 1
        ]
        in_order = sorted(first, key=lambda record: record["position"])
        orders.setdefault((sweep, workload), set()).add(tuple(record["setting"]["id"] for record in in_order))
    # Of a few settings, three rounds may have one order by chance; of all sweeps' they do not.
    assert max(len(seen) for seen in orders.values()) > 1, "every round had the same order"
