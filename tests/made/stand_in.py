"""A stand-in for the measured program, for tests of what happens around launches: it starts in a third of a second.

Everything else is real: engine, container, runner, records. Only the worker does nothing but wait and answer.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from docker import DockerClient

from containers.engine import connection as engine
from containers.engine.labels import LABEL
from containers.host.machine import Host
from containers.images import bases, recipe
from containers.images import store as images
from containers.plan.config import validate
from containers.plan.make import make_plan
from tests.made.records import MEASUREMENT
from workloads.vocabulary import documents
from workloads.vocabulary.inventory import Receipt
from workloads.vocabulary.plan import Cell
from workloads.vocabulary.record import ImageIdentity, Record, to_json

ROOT = Path(__file__).parents[2]

_ANSWER = to_json(MEASUREMENT)

_WORKER = """
import json, random, sys, time

def answer(text):
    print(text, flush=True)

time.sleep(SECONDS)
answer('{"peak_rss_bytes":1000,"answer":"ready"}')
for line in sys.stdin:
    if json.loads(line)["order"] == "end":
        measurement = ANSWER.replace("0.01,0.01", f"0.01,{0.01 + random.random() / 1e4:.6f}")
        answer('{"measurement":' + measurement + ',"answer":"finished"}')
        break
    time.sleep(SECONDS / 10)
    answer('{"calls":2,"wall_s":0.02,"typical_s":0.01,"ramp_s":0.0,"answer":"sliced"}')
"""

_DOCKERFILE = """
ARG BASE
FROM ${BASE}
COPY suite /opt/threadmark/suite
ENV PYTHONPATH=/opt/threadmark/suite
"""


def base(client: DockerClient) -> str:
    """The base of the real image, by its id."""
    wanted = recipe.base_identity(base="bootstrap", base_image=None)
    image = images.find(client, {LABEL: "base", bases.RECIPE: wanted})
    assert image is not None, "the image has been built on another base"
    return image


def build(client: DockerClient, on: str, folder: Path, seconds: float = 0.3) -> Receipt:
    """The image, and a receipt as the real one's."""
    worker, dockerfile = folder / "worker.py", folder / "Dockerfile"
    worker.write_text(_WORKER.replace("SECONDS", str(seconds)).replace("ANSWER", repr(_ANSWER)))
    dockerfile.write_text(_DOCKERFILE)
    suite = {f"suite/{name}": path for name, path in recipe.suite_files().items()}
    image = images.build(
        client,
        files={"Dockerfile": dockerfile, **suite, "suite/workloads/harness/worker.py": worker},
        tag=f"threadmark-test/stand-in:{os.getpid()}",
        arguments={"BASE": on},
        labels={LABEL: "stand-in"},
        scratch=folder,
        log=None,
    )
    identity = ImageIdentity("cpu", "0" * 64, image)
    return Receipt(identity, "0", "test", "0", 0, [], {}, engine.describe(client), "2026-01-01T00:00:00+00:00", 0.0)


def prepare(folder: Path, receipt: Receipt, **changes: Any) -> Cell:
    """A machine's folder that is ready for its rounds: one cell of two settings, six rounds."""
    config = {
        "rounds": 6,
        "limits": {"timeout_s": 20},
        "workloads": {"matmul": {"params": {"n": 64}}},
        "sweeps": {
            "threads": {
                "question": "Does a run outlive its engine?",
                "workloads": ["matmul"],
                "grid": {"intra_op": [1, 2, 3]},
                "baseline": {"intra_op": 1},
            }
        },
        **changes,
    }
    host = Host(slug="test-0", cpus=sorted(os.sched_getaffinity(0)), physical_cores=1, gpu_reason="none")
    plan = make_plan(validate(config), host, {"cpu": receipt.context, "cuda": "0"})
    documents.write(folder / "plan.json", plan)
    documents.write(folder / "images/cpu.json", receipt)
    return plan.cells[0]


def start(folder: Path, cell: Cell, number: int, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """A runner, as Snakemake starts it; what it says is in round-NUMBER.txt."""
    words = ["--results", str(folder), "--cell", cell.directory.removeprefix("rounds/"), "--round", str(number)]
    words += ["--log", str(folder / "log"), *arguments]
    with said(folder, number).open("a") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "containers.rounds.round", *words],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )


def said(folder: Path, number: int) -> Path:
    """Where a runner's words go."""
    return folder / f"round-{number}.txt"


def records(folder: Path, cell: Cell, number: int) -> list[Record]:
    """A finished round's records."""
    lines = (folder / cell.directory / f"{number}.jsonl").read_bytes().splitlines()
    return [documents.parse(Record, line, "the round") for line in lines]
