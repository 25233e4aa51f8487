"""Launches on the real engine.

What goes wrong in them is in test_faults_inside.py, and what they cannot do in test_containment.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from docker import DockerClient

from containers.engine import gpus
from containers.launch.in_container import engines_share
from containers.launch.outcome import judge
from containers.launch.prepared import Launch, prepare
from tests.made.launching import ending_of, launched, supervised
from workloads.vocabulary.inventory import Receipt
from workloads.vocabulary.plan import Cell
from workloads.vocabulary.record import ImageIdentity, Limits, Setting, Timing, identity

LIMITS = Limits(memory_bytes=2**30, pids=128, timeout_s=60.0)
Prepare = Callable[..., tuple[Cell, Launch]]


@pytest.fixture
def ready(cpu: Receipt, cpus: list[int]) -> Prepare:
    """A cell and a launch of a small matmul, with knobs and limits of the test's choice."""

    def prepared(limits: Limits = LIMITS, **knobs: int | str | None) -> tuple[Cell, Launch]:
        setting = Setting(identity(knobs), {}, dict(knobs))
        timing = Timing(warmup_s=0.05, slice_s=0.05, cycles=3, min_sample_s=0.001)
        cell = Cell("test", "?", "matmul", "matmul", {"n": 128}, [setting], setting.id, 1, "0", timing, limits, 1)
        return cell, prepare(cell, setting, cpus, {"cpu": cpu.image, "cuda": cpu.image})

    return prepared


def own_containers(client: DockerClient) -> list[str]:
    return [container.id for container in client.containers.list(all=True, filters={"label": "threadmark=launch"})]


def test_a_launch_gives_a_measurement_of_what_was_asked_for(client: DockerClient, ready: Prepare) -> None:
    cell, prepared = ready(intra_op=3, inter_op=5, cpus=1)
    begun = launched(client, cell, prepared)
    assert begun.ending is not None
    status, measurement, failure = judge(begun.ending, 60.0)
    assert (status, failure) == ("ok", None)
    assert measurement is not None
    assert measurement.observed.intra_threads == 3
    assert measurement.observed.inter_threads == 5
    assert [measurement.observed.cpus] == [[int(prepared.cpuset)]]
    assert measurement.observed.traces == 0
    assert [len(taken.samples) > 0 for taken in measurement.slices] == [True] * 3
    assert not measurement.held
    assert max(taken.idle_cpu_s or 0.0 for taken in measurement.slices) < 0.05
    assert measurement.check.error is not None
    phases = measurement.phases
    inside = phases.start_s + phases.import_s + phases.build_s + phases.check_s + phases.first_call_s
    assert 0 < inside + phases.warmup_s + phases.timing_s + phases.waiting_s < begun.wall_s
    assert 0 < engines_share(begun.wall_s, begun.life_s) < begun.wall_s
    assert own_containers(client) == []


def test_the_process_sees_exactly_the_recorded_environment(client: DockerClient, ready: Prepare) -> None:
    cell, prepared = ready(OMP_NUM_THREADS="1")
    seen = ending_of(client, cell, supervised(prepared, "cat", "/proc/self/environ")).stderr.decode()
    assert dict(entry.split("=", 1) for entry in seen.split("\0") if entry) == prepared.environment


def test_a_gpu_that_the_engine_does_not_have_is_a_typed_failure(client: DockerClient, ready: Prepare) -> None:
    if gpus.missing(client) is None:
        pytest.skip("this engine has a GPU to hand out")
    cell, prepared = ready()
    without = replace(prepared, image=ImageIdentity("cuda", prepared.image.content, prepared.image.id))
    status, _, failure = judge(ending_of(client, cell, without), 60.0)
    assert status == "no_device"
    assert failure is not None
    assert own_containers(client) == []
