"""Killed at random moments, again and again: nothing that was measured is lost, doubled or half-written.

    pytest tests/endurance                        fifty kills, about a quarter of an hour
    THREADMARK_KILLS=5 pytest tests/endurance     fewer

`make test-endurance` runs them; `make test` kills a run of real launches three times (tests/engine/test_reruns.py).
Launches here are of a stand-in, so that most of a run's time is the suite's own.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docker.errors
import pandas as pd
import psutil
import pytest
from docker import DockerClient

from containers.engine import connection as engine
from containers.host.machine import describe, this_host
from containers.images import build
from tests.made import stand_in
from tests.made.workflow_tree import Snakemake
from workloads.vocabulary import documents
from workloads.vocabulary.inventory import Receipt

KILLS = int(os.environ.get("THREADMARK_KILLS", "50"))
SEED = int(os.environ.get("THREADMARK_SEED", "1"))
VICTIMS = ["machine", "all", "snakemake", "runner"]

CONFIG = """
rounds: 2
audit: config
timing: {warmup_s: 0.05, slice_s: 0.05, cycles: 3}
workloads:
  matmul: {params: {n: 128}}
sweeps:
  threads:
    question: Does a run outlive fifty kills?
    workloads: [matmul]
    grid: {intra_op: [1, 2, 3]}
    baseline: {intra_op: 1}
"""
COMMAND = ["--configfile", "config/kills.yaml", "--until", "tables"]


@dataclass(frozen=True)
class Shape:
    """What must be the same however often a run was killed."""

    settings: list[tuple[int, str]]  # round and setting of every launch that counts
    columns: list[str]
    statuses: list[str]
    samples: int


@pytest.fixture(scope="module")
def client() -> Iterator[DockerClient]:
    client = engine.connect()
    yield client
    client.close()


@pytest.fixture(scope="module")
def receipt(client: DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receipt]:
    folder = tmp_path_factory.mktemp("stand-in")
    # The real image's base is the stand-in's.
    assert build.main(["--image", "cpu", "--base", "bootstrap", "--out", str(folder / "cpu.json")]) == 0
    made = stand_in.build(client, stand_in.base(client), folder, seconds=0.3)
    yield made
    client.images.remove(made.image.id, force=True)


@pytest.fixture
def machine(tree: Path, receipt: Receipt) -> Path:
    """A machine's folder in which the stand-in is the image; a machine.json is there, so no rule makes another."""
    (tree / "config/kills.yaml").write_text(CONFIG)
    folder = tree / "results" / this_host().slug
    documents.write(folder / "machine.json", describe(this_host().slug))
    documents.write(folder / "images/cpu.json", receipt)
    return folder


def shape(machine: Path) -> Shape:
    launches = pd.read_parquet(machine / "tables/launches.parquet").sort_values("id")
    counting = launches[~launches["set_aside"]]
    samples = pd.read_parquet(machine / "tables/samples.parquet")
    return Shape(
        sorted(zip(counting["round"], counting["setting"], strict=True)),
        list(launches.columns),
        list(counting["status"]),
        len(samples) // len(launches),
    )


def raw(machine: Path) -> dict[Path, bytes]:
    """Whole lines of all rounds' files, by the name that the file gets in the end."""
    results = {}
    for path in machine.glob("rounds/*/*/*.jsonl*"):
        content = path.read_bytes()
        results[path.with_name(path.name.removesuffix(".partial"))] = content[: content.rfind(b"\n") + 1]
    return results


def family(root: int) -> list[psutil.Process]:
    """A process and all below it."""
    try:
        process = psutil.Process(root)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def kill(client: DockerClient, run: subprocess.Popen[str], victim: str) -> None:
    """With the machine go the containers too; a runner that is not there yet leaves the whole family."""
    processes = family(run.pid)
    runners = [entry for entry in processes if "containers.rounds.round" in _words(entry)]
    doomed = {"snakemake": processes[:1], "runner": runners or processes}.get(victim, processes)
    for process in doomed:
        try:
            process.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue
    if victim == "machine":
        for container in client.containers.list(filters={"label": "threadmark=launch"}, ignore_removed=True):
            try:
                container.kill()
            except docker.errors.APIError:
                continue


def _words(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def own_containers(client: DockerClient) -> list[str]:
    """Containers, volumes and networks of ours."""
    label = {"label": "threadmark"}
    results: list[object] = [
        *client.containers.list(all=True, filters=label, ignore_removed=True),
        *client.volumes.list(filters=label),
        *client.networks.list(filters=label),
    ]
    return [str(result) for result in results]


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, object]:
    """What the first, whole run came to: its shape and its time in seconds."""
    return {}


def test_an_undisturbed_run(
    client: DockerClient, machine: Path, snakemake: Snakemake, undisturbed: dict[str, object]
) -> None:
    before = time.monotonic()
    done = snakemake(*COMMAND)
    assert done.returncode == 0, done.stdout
    undisturbed |= {"shape": shape(machine), "seconds": time.monotonic() - before}
    assert len(shape(machine).settings) == 6


@pytest.mark.parametrize("number", range(KILLS))
def test_a_kill_at_a_random_moment(
    client: DockerClient,
    tree: Path,
    machine: Path,
    snakemake: Snakemake,
    undisturbed: dict[str, object],
    number: int,
) -> None:
    chance = random.Random(f"{SEED}/{number}")
    before = own_containers(client)
    with (tree / "first.log").open("w") as output:
        run = subprocess.Popen(
            [sys.executable, "-m", "snakemake", "--cores", "1", *COMMAND],
            cwd=tree,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    time.sleep(chance.uniform(0.0, float(str(undisturbed["seconds"]))))
    kill(client, run, VICTIMS[number % len(VICTIMS)])
    run.wait(60)
    kept = raw(machine)

    again = snakemake(*COMMAND)
    assert again.returncode == 0, again.stdout
    for path, content in kept.items():
        assert path.read_bytes().startswith(content), f"{path} lost what was measured"
    records = [json.loads(line) for content in raw(machine).values() for line in content.splitlines()]
    assert len({record["id"] for record in records}) == len(records)
    assert not list(machine.glob("rounds/*/*/*.partial"))
    assert shape(machine) == undisturbed["shape"]
    assert own_containers(client) == before
