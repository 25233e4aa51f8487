"""Fifteen ways for a launch to go wrong, each caused for real in one round that goes on: each gets its type."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import docker.errors
import pytest
from docker import DockerClient

from containers.host.machine import Host
from containers.plan.config import validate
from containers.plan.make import make_plan
from containers.rounds.blocks import MOST_KILLS
from tests.made import faulty_model
from tests.made.records import MEASUREMENT
from workloads.vocabulary import documents
from workloads.vocabulary.inventory import Receipt
from workloads.vocabulary.plan import Cell
from workloads.vocabulary.record import Record, to_json

ROOT = Path(__file__).parents[2]

FAULTS = {
    "memory": ("out_of_memory", "ended by the kernel at its memory limit"),
    "time": ("timeout", "ended after its 30 s"),
    # By somebody outside, each time that it is made again.
    "killed": ("killed", "killed from outside its container"),
    "segfault": ("signal", "ended by SIGSEGV"),
    "bad flag": ("aborted", "aborted itself (SIGABRT)"),
    "exit": ("failed", "ended with exit status 3"),
    "flood": ("no_record", "not asked for: flood flood"),
    "garbage": ("no_record", "not asked for: no record at all"),
    "early": ("no_record", "not asked for: {"),
    "wrong": ("wrong_output", "output error"),
    "disk": ("failed", "ended with exit status 1"),
    # What stays goes with its container; the worker's answer is as good as any.
    "fork": ("ok", None),
    # In the middle of its cycles, while the others take their turns.
    "late abort": ("aborted", "aborted itself (SIGABRT)"),
    "late time": ("timeout", "ended after its 30 s"),
    "late flood": ("no_record", "not asked for: flood flood"),
}


def config(model: Path) -> dict[str, object]:
    by_variable = [{"env:FAULT": fault} for fault in FAULTS if fault != "bad flag"]
    return {
        "rounds": 1,
        "timing": {"warmup_s": 0.05, "slice_s": 0.05, "cycles": 3},
        "limits": {"memory": "1GiB", "pids": 200, "timeout_s": 30},
        "workloads": {"faulty": {"model": str(model), "params": {"batch": 2}}},
        "sweeps": {
            "faults": {
                "question": "Does a round outlive what its launches do?",
                "workloads": ["faulty"],
                "settings": [*by_variable, {"intra_op": -1}, {"intra_op": "default"}],
                "baseline": {},
            }
        },
    }


def kill_the_one(client: DockerClient, stop: threading.Event) -> None:
    """Kill the launch that asks for it, from outside."""
    while not stop.wait(0.1):
        for container in client.containers.list(filters={"label": "threadmark=launch"}, ignore_removed=True):
            with suppress(docker.errors.APIError):  # it ends on its own, too
                if "FAULT=killed" in container.attrs["Config"]["Env"] and b"faulty: killed" in container.logs():
                    container.kill()


@pytest.fixture(scope="module")
def cell_and_records(
    client: DockerClient, cpu: Receipt, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Cell, list[Record]]:
    """The round, run as Snakemake runs it."""
    folder = tmp_path_factory.mktemp("faults")
    model = folder / "faulty.py"
    answer = to_json(MEASUREMENT).encode() + b"\n"
    model.write_text(Path(faulty_model.__file__).read_text().replace('ANSWER = b""', f"ANSWER = {answer!r}"))
    host = Host(slug="test-0", cpus=[0, 1], physical_cores=1, gpu_reason="none")
    plan = make_plan(validate(config(model)), host, {"cpu": cpu.context, "cuda": "0"})
    (cell,) = plan.cells
    assert cell.model is not None
    documents.write(folder / "plan.json", plan)
    documents.write(folder / "images/cpu.json", cpu)
    stop = threading.Event()
    killer = threading.Thread(target=kill_the_one, args=(client, stop))
    killer.start()
    try:
        words = ["--results", str(folder), "--cell", cell.directory.removeprefix("rounds/"), "--round", "1"]
        command = [sys.executable, "-m", "containers.rounds.round", *words, "--log", str(folder / "log")]
        subprocess.run(command, cwd=ROOT, check=True)
    finally:
        stop.set()
        killer.join()
        client.volumes.get(cell.model.volume).remove()
    lines = (folder / cell.directory / "1.jsonl").read_bytes().splitlines()
    assert max(len(line) for line in lines) < 100_000  # of the flood of 88 MB too
    return cell, [documents.parse(Record, line, "the round") for line in lines]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_a_launch_is_a_record_with_its_type(cell_and_records: tuple[Cell, list[Record]], fault: str) -> None:
    wanted = {"intra_op": -1} if fault == "bad flag" else {"env:FAULT": fault}
    record, *again = [entry for entry in cell_and_records[1] if wanted.items() <= entry.setting.resolved.items()]
    assert len(again) == (MOST_KILLS - 1 if fault == "killed" else 0)
    status, says = FAULTS[fault]
    assert record.status == status, record.failure
    if says is None:
        assert record.failure is None
        return
    assert record.failure is not None
    assert says in record.failure.message
    # Its last words are kept, unless its own flood washed them away.
    assert fault == "flood" or record.failure.stderr


def test_a_full_disk_is_named_in_the_record(cell_and_records: tuple[Cell, list[Record]]) -> None:
    (record,) = [entry for entry in cell_and_records[1] if entry.setting.resolved["env:FAULT"] == "disk"]
    assert record.failure is not None
    assert any("No space left on device" in line for line in record.failure.stderr)


def test_the_round_goes_on_to_its_end(client: DockerClient, cell_and_records: tuple[Cell, list[Record]]) -> None:
    cell, records = cell_and_records
    assert {record.setting.id for record in records} == {setting.id for setting in cell.settings}
    assert [record.position for record in records] == list(range(1, len(records) + 1))
    # One in each block: what is killed from outside is made again beside the baseline.
    unharmed = [record for record in records if record.setting.id == cell.baseline]
    assert len(unharmed) == MOST_KILLS
    assert {record.status for record in unharmed} == {"ok"}
    assert client.containers.list(all=True, filters={"label": "threadmark=launch"}) == []
