"""Writes a machine's folder with simulated records: known effects, log-normal noise, drift between rounds.

Nothing here was measured. The machine, its image and TensorFlow's version say "simulated" wherever they are printed.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from workloads.vocabulary.census import Census, CensusPhase, VariableRead
from workloads.vocabulary.inventory import (
    Audit,
    AuditFact,
    AuditFinding,
    AuditStatus,
    Machine,
    Package,
    Receipt,
)
from workloads.vocabulary.plan import Cell, Hole, Plan
from workloads.vocabulary.record import (
    Case,
    Check,
    Failure,
    ImageIdentity,
    KnobValue,
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
    to_json,
)
from workloads.vocabulary.slice import Slice

MACHINE = "simulated-2c-000000"
IMAGE = ImageIdentity("cpu", "sha256:" + "51" * 32, "sha256:" + "1d" * 32)
CPUS = [0, 1]

Faults = Callable[[Record], Record | None]
"""What becomes of a record before it is written; None leaves it out, as an interrupted round does."""


@dataclass(frozen=True)
class SimulatedCell:
    """A workload of a sweep with known truth: `effects[i]` is setting i's true speed-up over the first one."""

    sweep: str
    workload: str
    settings: Sequence[dict[str, KnobValue]]  # the first is the baseline
    effects: Sequence[float]
    rounds: int = 5
    question: str = "Does this simulated setting matter?"
    call_s: float = 0.02  # the baseline's true time a call


@dataclass(frozen=True)
class Noise:
    """Standard deviations of the logarithm of time, at each level.

    Half of it is between launches, as in docs/method.md#noise-of-a-shared-machine.
    """

    round_sd: float = 0.05
    launch_sd: float = 0.015
    sample_sd: float = 0.01
    samples: int = 30
    cycle_sd: float = 0.0  # what the machine does from cycle to cycle
    in_turns: bool = False  # whether the launches of a round share cycles; else each is alone, one after the other


@dataclass
class Clock:
    """Simulated time, so that launches follow one another as they would."""

    seconds: float = 0.0

    def launch(self, wall_s: float) -> str:
        """The time at which the next launch starts, which takes `wall_s`."""
        stamp = datetime(2026, 1, 1, 10, tzinfo=UTC) + timedelta(seconds=self.seconds)
        self.seconds += wall_s
        return stamp.isoformat(timespec="milliseconds")


def simulated_plan(cells: Sequence[SimulatedCell], holes: Sequence[Hole] = ()) -> Plan:
    """The plan of simulated cells."""
    return Plan(
        machine=MACHINE,
        suite="0.0-simulated",
        config={"simulated": True, "rounds": max(cell.rounds for cell in cells)},
        images={"cpu": "51515151"},
        cells=[_cell(cell) for cell in cells],
        holes=list(holes),
    )


def _cell(cell: SimulatedCell) -> Cell:
    settings = [
        Setting(identity(values), {k: "default" if v is None else v for k, v in values.items()}, dict(values))
        for values in cell.settings
    ]
    return Cell(
        sweep=cell.sweep,
        question=cell.question,
        workload=cell.workload,
        module="matmul",
        params={"size": 512},
        settings=settings,
        baseline=settings[0].id,
        rounds=cell.rounds,
        definition=identity([cell.sweep, cell.workload, [setting.id for setting in settings]]),
        timing=Timing(warmup_s=0.5, slice_s=0.2, cycles=10, min_sample_s=0.01),
        limits=Limits(memory_bytes=2**31, pids=512, timeout_s=60.0),
        seed=1,
        fixed={"TF_ENABLE_ONEDNN_OPTS": "1"} if "TF_ENABLE_ONEDNN_OPTS" not in cell.settings[0] else {},
    )


def write_simulated_machine(
    root: Path,
    cells: Sequence[SimulatedCell],
    *,
    seed: int = 1,
    noise: Noise | None = None,
    faults: Faults = lambda record: record,
    holes: Sequence[Hole] = (),
) -> Plan:
    """Fill `root` with plan, machine, receipt and the rounds of simulated records; the same seed, the same bytes."""
    plan = simulated_plan(cells, holes)
    _write(root / "plan.json", to_json(plan))
    (root / "config.yaml").write_text("# simulated: no config stands behind this plan\n")
    _write(root / "machine.json", to_json(simulated_machine()))
    _write(root / "images/cpu.json", to_json(simulated_receipt()))
    _write(root / "audit/cpu.json", to_json(simulated_audit()))
    random_numbers, clock = np.random.default_rng(seed), Clock()
    for number in range(1, max(cell.rounds for cell in plan.cells) + 1):
        for cell, truth in zip(plan.cells, cells, strict=True):
            if number <= cell.rounds:
                records = simulated_round(cell, truth, number, random_numbers, clock, noise or Noise())
                lines = [to_json(kept) for record in records if (kept := faults(record)) is not None]
                if lines:
                    _write(root / cell.directory / f"{number}.jsonl", "\n".join(lines))
    return plan


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")


def simulated_round(
    cell: Cell, truth: SimulatedCell, number: int, random_numbers: np.random.Generator, clock: Clock, noise: Noise
) -> list[Record]:
    """One round: the machine drifts between rounds, and each launch and sample has noise of its own."""
    seed = f"{cell.seed}/{cell.directory}/{number}"
    order = list(range(len(cell.settings)))
    random.Random(seed).shuffle(order)
    drift = random_numbers.normal(0, noise.round_sd)
    together = _machine(random_numbers, noise)
    records = []
    for position, index in enumerate(order, start=1):
        log_time = np.log(truth.call_s / truth.effects[index]) + drift + random_numbers.normal(0, noise.launch_sd)
        log_time = log_time + (together if noise.in_turns else _machine(random_numbers, noise))
        seconds = np.exp(log_time + random_numbers.normal(0, noise.sample_sd, noise.samples))
        record = simulated_record(cell, cell.settings[index], number, position, seconds.tolist(), clock)
        records.append(record)
    return _in_turns(records) if noise.in_turns else records


def _in_turns(records: list[Record]) -> list[Record]:
    """The same launches side by side: in one block, each at its own place of every cycle."""
    started_at, wall_s = records[0].started_at, sum(record.wall_s for record in records)
    return [
        dataclasses.replace(
            record,
            started_at=started_at,
            wall_s=wall_s,
            turns=dataclasses.replace(record.turns, block=1, places=[place] * len(record.turns.places)),
        )
        for place, record in enumerate(records, start=1)
    ]


def _machine(random_numbers: np.random.Generator, noise: Noise) -> np.ndarray:
    """What the machine adds to the log time of each sample, the same within a cycle."""
    if not noise.cycle_sd:
        return np.zeros(noise.samples)
    each = max(1, noise.samples // _CYCLES)
    return np.repeat(random_numbers.normal(0, noise.cycle_sd, -(-noise.samples // each)), each)[: noise.samples]


def in_block(record: Record, block: int) -> Record:
    """The record of the same launch in another block of its round."""
    return dataclasses.replace(record, turns=dataclasses.replace(record.turns, block=block))


def simulated_record(
    cell: Cell, setting: Setting, number: int, position: int, seconds: list[float], clock: Clock
) -> Record:
    """A launch that went well and took `seconds` a call, warm-up three times that once."""
    asked = setting.resolved.get("cpus")
    cpus = CPUS[: int(asked)] if asked else CPUS
    intra, inter = (setting.resolved.get(knob) for knob in ("intra_op", "inter_op"))
    intra, inter = (value if isinstance(value, int) else None for value in (intra, inter))
    slices = _slices(seconds, len(cpus))
    timing_s = sum(slice_.wall_s + slice_.ramp_s for slice_ in slices)
    phases = Phases(0.05, 1.4, 0.1, 0.08, 0.05, 0.5, timing_s, 0.0)
    case = Case(cell.module, cell.params, intra, inter, cell.timing, cell.seed)
    wall_s = 0.4 + sum(dataclasses.astuple(phases))
    environment = {
        name: str(value)
        for name, value in (cell.fixed | setting.resolved).items()
        if name.isupper() and value is not None
    }
    return Record(
        id=f"{cell.sweep}/{cell.workload}@{cell.definition}/{number}/{position}",
        status=Status.OK,
        machine=MACHINE,
        sweep=cell.sweep,
        workload=cell.workload,
        definition=cell.definition,
        round=number,
        position=position,
        order_seed=f"{cell.seed}/{cell.directory}/{number}",
        session=f"simulated-{number}",
        setting=setting,
        case=case,
        image=IMAGE,
        environment=environment | {"THREADMARK_PADDING": "x" * 32},
        command=["python", "-m", "workloads.harness.worker", to_json(case)],
        cpuset=",".join(str(cpu) for cpu in cpus),
        cpu_quota=None,
        model=None,
        limits=cell.limits,
        started_at=clock.launch(wall_s),
        wall_s=wall_s,
        engine_s=0.4,
        turns=simulated_turns(position, len(slices)),
        measurement=Measurement(
            metric="throughput",
            work=Work(2.0 * 512**3, "FLOP"),
            phases=phases,
            calls_per_sample=1,
            warmup=[seconds[0] * 3],
            slices=slices,
            held=False,
            check=Check(True, 2.5e-7, 1e-5, "NumPy in float64"),
            observed=Observed(
                cpus,
                inter or len(cpus),
                intra or len(cpus),
                12,
                _CPU_PER_WALL * len(cpus),
                True,
                ["CPU:0"],
                0,
                "libc",
                None,
            ),
            usage=Usage(sum(slice_.cpu_s for slice_ in slices), 400 * 2**20, 10, 20),
            surroundings=Surroundings(0.5, 0.0, None, None, None),
            versions={"python": "3.11.2", "numpy": "simulated", "tensorflow": "simulated"},
        ),
        failure=None,
    )


_CYCLES = 10
_CPU_PER_WALL = 0.95  # of each CPU


def _cut(seconds: list[float]) -> list[list[float]]:
    """The samples of each slice, in order: as many to each as there are."""
    each = max(1, len(seconds) // _CYCLES)
    return [seconds[start : start + each] for start in range(0, len(seconds), each)]


def _slices(seconds: list[float], cpus: int) -> list[Slice]:
    """One after another, each with a ramp as long as its first sample."""
    slices, start = [], 0.0
    for samples in _cut(seconds):
        wall_s = sum(samples)
        slices.append(Slice(start, samples[0], samples, wall_s, _CPU_PER_WALL * cpus * wall_s, 1.0, 0.0, None))
        start += samples[0] + wall_s
    return slices


def simulated_turns(block: int, cycles: int) -> Turns:
    """Those of a launch that is alone in its block, on a machine that is always quiet."""
    return Turns(block, [1] * cycles, [True] * cycles, [Tick(0.010, 0.0103, 0.0)] * cycles, len(CPUS))


def set_aside(record: Record) -> Record:
    """The record of the same launch, had the machine been loud in all of its cycles."""
    turns = dataclasses.replace(record.turns, kept=[False] * len(record.turns.kept))
    return dataclasses.replace(record, turns=turns)


def resampled(record: Record, samples: list[float]) -> Record:
    """The record of the same launch with other samples."""
    assert record.measurement is not None
    slices = _slices(samples, len(record.cpuset.split(",")))
    turns = simulated_turns(record.turns.block, len(slices))
    return dataclasses.replace(record, measurement=dataclasses.replace(record.measurement, slices=slices), turns=turns)


def failed(record: Record, status: Status = Status.ABORTED, message: str = "simulated abort") -> Record:
    """The record of the same launch, had it failed before it could measure."""
    failure = Failure(message, ["first | line", "F tensorflow simulated | `check` failed"], 134, "SIGABRT")
    return dataclasses.replace(record, status=status, measurement=None, failure=failure)


def simulated_machine() -> Machine:
    """A machine that nobody owns, which does not tell everything."""
    return Machine(
        slug=MACHINE,
        cpu="Simulated CPU @ 2.00GHz",
        architecture="x86_64",
        cpus=CPUS,
        logical_cpus=2,
        physical_cores=1,
        sockets=1,
        numa_nodes=None,
        caches={"L1d": "32 KiB", "L2": "1 MiB"},
        instruction_sets=["avx2", "avx512f"],
        memory_bytes=8 * 2**30,
        governor=None,
        virtualisation="simulated",
        gpus=[],
        gpu_reason="a simulated machine has no GPU",
        os="Simulated Linux 1",
        kernel="0.0.0-simulated",
        engine={"name": "simulated", "version": "0", "api": "0", "storage": "none", "cgroup": "2"},
        load_average=[0.1, 0.2, 0.3],
        taken_at="2026-01-01T09:59:00+00:00",
    )


def simulated_receipt() -> Receipt:
    """The receipt of an image that was never built."""
    return Receipt(
        image=IMAGE,
        context="51515151",
        base="bootstrap: simulated rootfs sha256:00",
        base_content="sha256:00",
        size_bytes=1_300_000_000,
        packages=[Package("tensorflow-cpu", "simulated", "python"), Package("libc6", "simulated", "debian")],
        tensorflow={"version": "simulated", "git_version": "simulated"},
        engine={"name": "simulated", "version": "0", "api": "0"},
        built_at="2026-01-01T09:50:00+00:00",
        build_s=60.0,
    )


def simulated_audit() -> Audit:
    """An audit that was never made: one knob of each status."""
    results: list[tuple[str, KnobValue, AuditStatus, str]] = [
        ("intra_op", 1, AuditStatus.EFFECTIVE, "1 intra-op thread instead of 2"),
        ("OMP_NUM_THREADS", "1", AuditStatus.INERT, "nothing that the probe sees changed"),
        ("TF_NUM_INTRAOP_THREADS", "1", AuditStatus.SHADOWED, "intra_op=2 won"),
        ("XLA_FLAGS", "--no_such_flag", AuditStatus.FATAL, "SIGABRT: Unknown flag in XLA_FLAGS | --no_such_flag"),
        ("NVIDIA_TF32_OVERRIDE", "0", AuditStatus.NOT_TESTABLE, "no GPU"),
    ]
    return Audit(
        image=IMAGE,
        machine=MACHINE,
        findings=[AuditFinding(*result) for result in results],
        facts=[AuditFact("no-openmp", "No OpenMP library is mapped.", True, "none of 61 libraries")],
        probes=7,
        seconds=20.0,
        census=Census(
            phases=[
                CensusPhase("import"),
                CensusPhase("conv: steady calls", "conv"),
                CensusPhase("XLA", failed="it raised"),
            ],
            reads=[
                VariableRead(
                    "TF_XLA_FLAGS", "tensorflow/libtensorflow_cc.so.2", {"import": 1, "conv: steady calls": 3}
                ),
                VariableRead("OMP_NUM_THREADS", "numpy.libs/libopenblas.so", {"import": 1}),
            ],
            unread={"TF_USE_CUBLASLT": ["tensorflow/libtensorflow_cc.so.2"]},
            unseen={"/lib/x86_64-linux-gnu/libc.so.6": "own getenv"},
        ),
    )


def thread_grid(sweep: str = "threads", workload: str = "matmul", rounds: int = 5) -> SimulatedCell:
    """A 3 x 3 grid of both pools, the defaults as baseline, with effects from 0.55 to 1.6."""
    pairs = [(intra, inter) for intra in (1, 2, 4) for inter in (1, 2, 4)]
    settings: list[dict[str, KnobValue]] = [{"intra_op": None, "inter_op": None}]
    settings += [{"intra_op": intra, "inter_op": inter} for intra, inter in pairs]
    effects = [1.0, 0.55, 0.6, 0.58, 1.0, 1.6, 1.01, 0.9, 0.85, 0.7]
    return SimulatedCell(sweep, workload, settings, effects, rounds, "How many threads should each pool have?")


def switch(sweep: str = "onednn", workload: str = "conv", rounds: int = 5) -> SimulatedCell:
    """Two settings: oneDNN on (the baseline) and off, at two thirds of the speed."""
    settings: list[dict[str, KnobValue]] = [{"TF_ENABLE_ONEDNN_OPTS": "1"}, {"TF_ENABLE_ONEDNN_OPTS": "0"}]
    return SimulatedCell(sweep, workload, settings, [1.0, 0.66], rounds, "What does oneDNN bring?")
