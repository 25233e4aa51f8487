"""Rounds that the results ask for, and launches outside the container, on the real engine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
from docker import DockerClient

from containers.host.machine import this_host
from containers.host.outside import obstacle
from containers.launch.outcome import judge
from containers.launch.outside_container import FOLDER
from containers.launch.prepared import prepare
from tests.made.launching import ending_of, launched, supervised
from tests.made.workflow_tree import Snakemake
from workloads.vocabulary.inventory import Receipt
from workloads.vocabulary.plan import Cell
from workloads.vocabulary.record import KnobValue, Limits, Setting, Timing, identity

pytestmark = pytest.mark.long

# How many rounds come of it is chance: further ones are asked for only where they can reach the target.
CONFIG = """
rounds: 1
audit: config
timing: {warmup_s: 0.01, slice_s: 0.05, cycles: 3}
workloads:
  matmul: {params: {n: 64}}
sweeps:
  threads:
    question: Does the pool's size matter for a product that is far too small for it?
    workloads: [matmul]
    rounds: {until: 0.02, at_least: 3, at_most: 6}
    grid: {intra_op: [1, 2]}
    baseline: {intra_op: 1}
"""
# Up to the tables: figures and report have no part in this.
MEASURE = [f"results/{this_host().slug}/tables/launches.parquet", "--configfile", "config/tiny.yaml"]


def test_rounds_until_intervals_are_narrow_are_added_and_a_rerun_adds_none(
    tree: Path, snakemake: Snakemake, cpu: Receipt
) -> None:
    (tree / "config/tiny.yaml").write_text(CONFIG)
    planned = snakemake("-n", *MEASURE)
    assert "6 to 12 launches in 3 rounds and more" in planned.stdout
    first = snakemake(*MEASURE)
    assert first.returncode == 0, first.stdout
    rounds = sorted(int(path.stem) for path in tree.glob("results/*/rounds/*/*/*.jsonl"))
    decisions = [json.loads(path.read_text()) for path in tree.glob("results/*/decisions/*/*/*/*.json")]
    last = max(decisions, key=lambda decision: decision["after"])
    measured = last["after"] + last["rounds"]
    assert measured == 6 or not last["rounds"]
    assert rounds == list(range(1, measured + 1))
    again = snakemake(*MEASURE)
    assert again.returncode == 0, again.stdout
    assert "Nothing to be done" in again.stdout
    launches = 2 * measured
    assert re.search(rf"{launches} launches in {measured} rounds, {launches} of them on file; about 0 s", again.stdout)


def mounts() -> list[str]:
    """What is mounted in the exported files of images, on all of this machine."""
    return [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if str(FOLDER) in line]


@pytest.mark.skipif(obstacle() is not None, reason=f"outside a container: {obstacle()}")
def test_a_launch_outside_the_container_measures_and_leaves_nothing_behind(
    client: DockerClient, cpu: Receipt, cpus: list[int]
) -> None:
    knobs: dict[str, KnobValue] = {
        "container": False,
        "intra_op": 1,
        "cpus": 1,
        "OMP_NUM_THREADS": "1",
        "allocator": "jemalloc",
    }
    setting = Setting(identity(knobs), {}, knobs)
    timing, limits = Timing(0.05, 0.1, 3, 0.001), Limits(2**30, 128, 60.0)
    cell = Cell("test", "?", "matmul", "matmul", {"n": 128}, [setting], setting.id, 1, "0", timing, limits, 1)
    prepared = prepare(cell, setting, cpus, {"cpu": cpu.image})

    begun = launched(client, cell, prepared)
    assert begun.ending is not None
    status, measurement, failure = judge(begun.ending, 60.0)
    assert (status, failure) == ("ok", None)
    assert measurement is not None
    assert measurement.observed.cpus == cpus[:1]
    assert measurement.observed.intra_threads == 1
    assert measurement.observed.allocator == "jemalloc"
    assert measurement.phases.timing_s < begun.wall_s

    def shell(script: str, timeout_s: float = 20.0) -> tuple[str, str]:
        limited = replace(cell, limits=replace(limits, timeout_s=timeout_s))
        ended = ending_of(client, limited, supervised(prepared, "/bin/sh", "-c", script))
        return judge(ended, timeout_s)[0], ended.stderr.decode()

    _, said = shell("cat /proc/self/environ")
    assert dict(entry.split("=", 1) for entry in said.split("\0") if entry) == prepared.environment
    _, said = shell("id -u; pwd; cat /proc/self/cgroup | head -1")
    assert said.startswith("0\n/opt/threadmark/suite\n")
    assert "docker" not in said
    assert shell("kill -ABRT $$")[0] == "aborted"

    marker = f"61.{os.getpid()}"  # seconds that no other process sleeps
    assert shell(f"sleep {marker} & sleep {marker}", timeout_s=1.0)[0] == "timeout"
    time.sleep(0.2)
    running = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True, check=True).stdout
    assert marker not in running
    assert mounts() == []
