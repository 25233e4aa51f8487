"""Launches on the real engine: closed off, and typed whatever happens to them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from docker import DockerClient

from containers import engine
from containers.launch import Launch, launch, prepare
from containers.outcome import judge
from workloads.inventory import Receipt
from workloads.plan import Cell
from workloads.record import ImageIdentity, Limits, Setting, Status, Timing, identity

LIMITS = Limits(memory_bytes=2**30, pids=128, timeout_s=60.0)
Prepare = Callable[..., tuple[Cell, Launch]]


@pytest.fixture
def ready(cpu: Receipt, cpus: list[int]) -> Prepare:
    """A cell and a launch of a small matmul, with knobs and limits of the test's choice."""

    def prepared(limits: Limits = LIMITS, **knobs: int | str | None) -> tuple[Cell, Launch]:
        setting = Setting(identity(knobs), {}, dict(knobs))
        timing = Timing(warmup_s=0.05, measure_s=0.1, min_samples=3, min_sample_s=0.001)
        cell = Cell("test", "?", "matmul", "matmul", {"n": 128}, [setting], setting.id, 1, "0", timing, limits, 1)
        return cell, prepare(cell, setting, cpus, {"cpu": cpu.image, "cuda": cpu.image})

    return prepared


def shell(prepared: Launch, script: str) -> Launch:
    return replace(prepared, command=["/bin/sh", "-c", script])


def ours(client: DockerClient) -> list[str]:
    return [container.id for container in client.containers.list(all=True, filters={"label": "threadmark=launch"})]


def test_a_launch_gives_a_measurement_of_what_was_asked_for(client: DockerClient, ready: Prepare) -> None:
    cell, prepared = ready(intra_op=3, inter_op=5, cpus=1)
    ending, wall_s, engine_s = launch(client, cell, prepared)
    status, measurement, failure = judge(ending, 60.0)
    assert (status, failure) == ("ok", None)
    assert measurement is not None
    assert measurement.observed.intra_threads == 3
    assert measurement.observed.inter_threads == 5
    assert [measurement.observed.cpus] == [[int(prepared.cpuset)]]
    assert measurement.observed.traces == 0
    assert len(measurement.samples) >= 3
    assert measurement.check.error is not None
    phases = measurement.phases
    inside = phases.start_s + phases.import_s + phases.build_s + phases.check_s + phases.first_call_s
    assert 0 < inside + phases.warmup_s + phases.timing_s < wall_s
    assert 0 < engine_s < wall_s
    assert ours(client) == []


def test_the_process_sees_exactly_the_recorded_environment(client: DockerClient, ready: Prepare) -> None:
    cell, prepared = ready(OMP_NUM_THREADS="1")
    seen = launch(client, cell, shell(prepared, "cat /proc/self/environ"))[0].stdout.decode()
    assert dict(entry.split("=", 1) for entry in seen.split("\0") if entry) == prepared.environment


@pytest.mark.parametrize(
    ("script", "status", "says"),
    [
        ("python3 -c 'import os; os.abort()'; exit $?", "aborted", "SIGABRT"),
        ("python3 -c 'import ctypes; ctypes.string_at(0)'; exit $?", "signal", "SIGSEGV"),
        ("echo words >&2; exit 3", "failed", "exit status 3"),
        ("echo no record at all", "no_record", "no valid measurement"),
        ("exit 0", "no_record", "no valid measurement"),
        ("python3 -c 'x = bytearray(2**31)'; exit $?", "out_of_memory", "memory limit"),
        ("echo started >&2; sleep 60", "timeout", "ended after its 3 s"),
    ],
)
def test_a_launch_that_fails_gets_its_status(
    client: DockerClient, ready: Prepare, script: str, status: Status, says: str
) -> None:
    cell, prepared = ready(replace(LIMITS, memory_bytes=2**28, timeout_s=3.0))
    ending = launch(client, cell, shell(prepared, script))[0]
    found, measurement, failure = judge(ending, 3.0)
    assert (found, measurement) == (status, None)
    assert failure is not None
    assert says in failure.message
    assert ours(client) == []


def test_a_bad_flag_that_aborts_tensorflow_is_a_typed_failure(client: DockerClient, ready: Prepare) -> None:
    """FACTS: an intra-op pool of -1 threads aborts the process."""
    cell, prepared = ready(intra_op=-1)
    status, _, failure = judge(launch(client, cell, prepared)[0], 60.0)
    assert status == "aborted"
    assert failure is not None
    assert failure.stderr


def test_a_container_that_somebody_kills_is_a_typed_failure(client: DockerClient, ready: Prepare) -> None:
    cell, prepared = ready()

    def kill() -> None:
        while not (running := client.containers.list(filters={"label": "threadmark=launch"})):
            time.sleep(0.05)
        running[0].kill()

    killer = threading.Thread(target=kill)
    killer.start()
    status = judge(launch(client, cell, shell(prepared, "sleep 30"))[0], 60.0)[0]
    killer.join()
    assert status == "signal"


def test_a_gpu_that_the_engine_does_not_have_is_a_typed_failure(client: DockerClient, ready: Prepare) -> None:
    if engine.gpu_reason(client) is None:
        pytest.skip("this engine has a GPU to hand out")
    cell, prepared = ready()
    without = replace(prepared, image=ImageIdentity("cuda", prepared.image.content, prepared.image.id))
    status, _, failure = judge(launch(client, cell, without)[0], 60.0)
    assert status == "no_device"
    assert failure is not None
    assert ours(client) == []


@pytest.mark.parametrize(
    ("attempt", "says"),
    [
        ("touch /opt/threadmark/new", "Read-only file system"),
        ("touch /new", "Read-only file system"),
        ("python3 -c 'import socket; socket.create_connection((\"192.0.2.1\", 9), 2)'", "Network is unreachable"),
        ("python3 -c 'import os; os.setuid(0)'", "Operation not permitted"),
        ("grep CapEff /proc/self/status | grep -q 0000000000000000 && chown 1 /tmp", "Operation not permitted"),
        ("head -c 300000000 /dev/zero > /tmp/full", "No space left on device"),
    ],
)
def test_what_a_launch_must_not_do_is_refused(client: DockerClient, ready: Prepare, attempt: str, says: str) -> None:
    cell, prepared = ready()
    ending = launch(client, cell, shell(prepared, attempt))[0]
    assert ending.exit_code != 0
    assert says in ending.stderr.decode()


def test_processes_are_limited(client: DockerClient, ready: Prepare) -> None:
    cell, prepared = ready(replace(LIMITS, pids=16))
    start = "threading.Thread(target=time.sleep, args=(1,), daemon=True).start()"
    many = f"import threading, time\nfor _ in range(64): {start}"
    ending = launch(client, cell, shell(prepared, f"python3 -c '{many}'; exit $?"))[0]
    assert ending.exit_code != 0
    assert "can't start new thread" in ending.stderr.decode()
