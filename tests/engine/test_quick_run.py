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

from tests.made.analysed import written_pages
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


def rates(record: Json, *, by_work: bool) -> list[float | None]:
    """Calls a second in each of a launch's slices, over its time or of its typical call; None if it was set aside."""
    calls = record["measurement"]["calls_per_sample"]

    def rate(taken: Json) -> float:
        return len(taken["samples"]) * calls / taken["wall_s"] if by_work else 1 / statistics.median(taken["samples"])

    slices = zip(record["measurement"]["slices"], record["turns"]["kept"], strict=True)
    return [rate(taken) if kept else None for taken, kept in slices]


def speedup(rows: list[Json], row: dict[str, str]) -> float:
    """From nothing but the records: the middle of the cycles' log-ratios, their geometric mean over rounds."""
    result = [record for record in rows if (record["sweep"], record["workload"]) == (row["sweep"], row["workload"])]
    by_work = row["by_work"] == "True"
    by_round = {(record["round"], record["setting"]["id"]): rates(record, by_work=by_work) for record in result}
    logs = []
    for number in sorted({record["round"] for record in result}):
        pairs = zip(by_round[number, row["setting"]], by_round[number, row["baseline"]], strict=False)
        ratios = sorted(math.log(pair / base) for pair, base in pairs if pair is not None and base is not None)
        cut = min(int(0.4 * len(ratios) + 1e-9), (len(ratios) - 1) // 2)
        logs.append(statistics.fmean(ratios[cut : len(ratios) - cut]))
    return math.exp(statistics.fmean(logs))


def test_the_report_says_what_the_records_say(snakemake: Snakemake, results: Path, cpu: Receipt) -> None:
    folder = run(snakemake, results)
    plan = json.loads((folder / "plan.json").read_text())
    result = records(folder)
    launches = sum(cell["rounds"] * len(cell["settings"]) for cell in plan["cells"])
    assert {record["status"] for record in result} == {"ok"}
    assert len({(record["id"].rpartition("/")[0], record["setting"]["id"]) for record in result}) == launches
    # The baseline is on file once for each block.
    assert len({record["id"] for record in result}) == len(result) >= launches

    rows = list(csv.DictReader((folder / "tables/comparisons.csv").read_text().splitlines()))
    assert len(rows) == sum(len(cell["settings"]) - 1 for cell in plan["cells"])
    report = written_pages(folder)
    for row in rows:
        if not row["ratio"]:
            assert row["verdict"].startswith("not compared"), row
            continue
        outcome = speedup(result, row)
        assert float(row["ratio"]) == pytest.approx(outcome, rel=1e-4)
        start = f"| {row['workload']} | `{row['label']}` |"
        lines = [line for line in report.splitlines() if line.startswith(start) and f"({row['directory']})" in line]
        assert len(lines) == 1
        # Three significant digits, trailing zeros kept.
        assert re.search(rf" \| ({outcome:.3g}|{outcome:.2f}|{outcome:.3f})× \| ", lines[0]), lines[0]

    for record in result:
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
    result = [record for folder in results.iterdir() for record in records(folder)]
    sizes = {
        sum(len(f"{name}={value}".encode()) + 1 for name, value in record["environment"].items())
        + sum(len(word.encode()) + 1 for word in record["command"])
        for record in result
    }
    assert len(sizes) == 1


def test_every_launch_of_a_block_has_one_turn_a_cycle_in_ever_new_orders(results: Path) -> None:
    blocks: dict[tuple[object, ...], list[Json]] = {}
    for record in [record for folder in results.iterdir() for record in records(folder)]:
        key = (record["definition"], record["round"], record["turns"]["block"])
        blocks.setdefault(key, []).append(record["turns"])
    for turns in blocks.values():
        orders = list(zip(*(launch["places"] for launch in turns), strict=True))
        assert all(sorted(order) == list(range(1, len(turns) + 1)) for order in orders)
        assert len({str(launch["ticks"]) for launch in turns}) == 1
        assert all(len(launch["places"]) == len(launch["kept"]) == len(launch["ticks"]) for launch in turns)
    seen = {order for turns in blocks.values() for order in zip(*(turn["places"] for turn in turns), strict=True)}
    assert len(seen) > max(len(turns) for turns in blocks.values())


def test_waiting_launches_are_idle_and_the_hand_over_is_a_small_part(results: Path) -> None:
    result = [record for folder in results.iterdir() for record in records(folder)]
    slices = [taken for record in result for taken in record["measurement"]["slices"]]
    waited = [taken for taken in slices if taken["idle_s"] > 0.1 and taken["idle_cpu_s"] is not None]
    assert waited
    assert statistics.median(taken["idle_cpu_s"] / taken["idle_s"] for taken in waited) < 0.01
    assert not any(record["measurement"]["held"] for record in result)
