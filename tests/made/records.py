"""Records and plans made by hand for tests; nothing in them was measured."""

from __future__ import annotations

from workloads.vocabulary.plan import Cell, Plan
from workloads.vocabulary.record import (
    Case,
    Check,
    Failure,
    ImageIdentity,
    Limits,
    Measurement,
    Observed,
    Phases,
    Record,
    Setting,
    Status,
    Surroundings,
    Tick,
    Timing,
    Turns,
    Usage,
    Work,
    identity,
)
from workloads.vocabulary.slice import Slice

QUIET = Tick(one_s=0.010, all_s=0.0103, suspended_s=0.0)
UNKNOWN = Surroundings(None, None, None, None, None)
MEASUREMENT = Measurement(
    metric="throughput",
    work=Work(1.0, "FLOP"),
    phases=Phases(0.1, 1.0, 0.1, 0.1, 0.1, 0.1, 0.5, 0.08),
    calls_per_sample=1,
    warmup=[0.01],
    slices=[Slice(0.0, 0.01, [0.01, 0.01], 0.02, 0.02, 0.0, None, None)],
    held=False,
    check=Check(passed=True, error=1e-7, tolerance=1e-5, reference="NumPy"),
    observed=Observed([0], 1, 1, 9, 1.0, True, ["CPU:0"], 0, "libc", None),
    usage=Usage(0.5, 10**8, 3, 4),
    surroundings=UNKNOWN,
    versions={"tensorflow": "2.21.0"},
)

TIMING = Timing(warmup_s=0.1, slice_s=0.2, cycles=1, min_sample_s=0.001)
LIMITS = Limits(memory_bytes=2**30, pids=64, timeout_s=5.0)


def setting(**resolved: int | str | None) -> Setting:
    written = {knob: "default" if value is None else value for knob, value in resolved.items()}
    return Setting(id=identity(resolved), written=written, resolved=resolved)


def cell(rounds: int = 2, settings: int = 3) -> Cell:
    several = [setting(intra_op=number) for number in range(1, settings + 1)]
    return Cell(
        sweep="threads",
        question="Which?",
        workload="matmul",
        module="matmul",
        params={"n": 64},
        settings=several,
        baseline=several[0].id,
        rounds=rounds,
        definition="abcdef01",
        timing=TIMING,
        limits=LIMITS,
        seed=1,
    )


def plan(*cells: Cell) -> Plan:
    return Plan(machine="made-up-2c-000000", suite="0", config={}, images={"cpu": "11111111"}, cells=list(cells))


def failed(of: Cell, number: int = 1, position: int = 1, wall_s: float = 2.0) -> Record:
    """A launch that ended with an exit status: the shortest record there is."""
    return Record(
        id=f"{of.sweep}/{of.workload}@{of.definition}/{number}/{position}",
        status=Status.FAILED,
        machine="made-up-2c-000000",
        sweep=of.sweep,
        workload=of.workload,
        definition=of.definition,
        round=number,
        position=position,
        order_seed="1",
        session="00000000",
        setting=of.settings[position - 1],
        case=Case(of.module, of.params, None, None, of.timing, of.seed),
        image=ImageIdentity("cpu", "c" * 64, "sha256:1"),
        environment={},
        command=[],
        cpuset="0",
        cpu_quota=None,
        model=None,
        limits=of.limits,
        started_at="2026-11-22T00:00:00.000+00:00",
        wall_s=wall_s,
        engine_s=0.4,
        turns=Turns(block=position, places=[], kept=[], ticks=[], cpus=0),
        measurement=None,
        failure=Failure("ended with exit status 1", [], 1, None),
    )
