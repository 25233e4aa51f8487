"""The documents that the suite's stages hand to each other. Standard library only: containers import it.

History of FORMAT (a change of meaning adds one; readers refuse what they do not know):

1  2026-11-22  first version
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

FORMAT = 1

KnobValue = int | str | None
"""What a knob is set to once resolved; None leaves TensorFlow's own default in place."""

Status = Literal[
    "ok",
    "wrong_output",  # it ran, and its result is not the reference's
    "out_of_memory",  # the kernel ended it at the launch's memory limit
    "timeout",  # the runner ended it at the launch's time limit
    "aborted",  # SIGABRT: TensorFlow's fatal checks end so
    "signal",  # any other signal
    "failed",  # another exit status than 0, a Python exception among them
    "no_record",  # exit status 0, and no document that can be read
    "no_device",  # the engine has no such accelerator to hand out
]


def identity(document: object) -> str:
    """Eight hexadecimal digits that identify a JSON-able document by its content."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Setting:
    """One value for each knob of a sweep."""

    id: str  # identity of `resolved`
    written: dict[str, int | str]  # as in the config: {"intra_op": "2*cores"}
    resolved: dict[str, KnobValue]  # on this machine: {"intra_op": 4}

    @property
    def label(self) -> str:
        """As people read it: ``intra_op=4 inter_op=default``."""
        return " ".join(f"{knob}={'default' if value is None else value}" for knob, value in self.resolved.items())


@dataclass(frozen=True)
class Timing:
    """How a launch spends its time."""

    warmup_s: float  # calls after the first one that are kept apart
    measure_s: float  # timed calls
    min_samples: int  # at least so many samples, however long they take
    min_sample_s: float  # short calls are grouped until a sample takes this long


@dataclass(frozen=True)
class Limits:
    """What a container may use."""

    memory_bytes: int
    pids: int
    timeout_s: float


@dataclass(frozen=True)
class Case:
    """What a worker is asked to do: the setting's environment and CPU set already surround it."""

    workload: str  # a module of this package
    params: dict[str, Any]
    intra_op: int | None  # by TensorFlow's API; None leaves the default
    inter_op: int | None
    timing: Timing
    seed: int  # of the inputs; the same in every launch of a cell
    format: int = FORMAT


@dataclass(frozen=True)
class Work:
    """What one call of a workload does, as known from its definition."""

    amount: float
    unit: Literal["FLOP", "byte", "example"]


@dataclass(frozen=True)
class Phases:
    """Where a launch's wall time went, in seconds, in this order."""

    start_s: float  # process start to `import tensorflow`: Python, NumPy, the workload's module
    import_s: float  # import tensorflow
    build_s: float  # context, inputs, model
    first_call_s: float  # tracing and compilation included
    check_s: float  # reference and comparison, of the first output and of the last
    warmup_s: float
    timing_s: float


@dataclass(frozen=True)
class Check:
    """The workload's output held against a reference."""

    passed: bool
    error: float | None  # relative, in the norm that the workload documents; None if not finite
    tolerance: float
    reference: str  # what it was held against


@dataclass(frozen=True)
class Observed:
    """What was seen inside the container, whatever was asked for. None: could not be seen."""

    cpus: list[int]  # the affinity mask
    inter_threads: int | None  # threads named tf_Compute
    intra_threads: int | None  # unnamed threads that came with TensorFlow's context
    threads: int  # all threads of the process after timing
    cpu_per_wall: float  # CPU time / wall time while timing: the effective parallelism
    onednn: bool | None  # TensorFlow's oneDNN operations are on
    devices: list[str]  # TensorFlow's logical devices
    traces: int | None  # new traces of the timed function while timing: 0 if the timing is sound


@dataclass(frozen=True)
class Usage:
    """What the timed section used, and the process as a whole."""

    cpu_s: float  # user + system, timed section
    peak_rss_bytes: int  # whole process
    voluntary_switches: int  # timed section
    involuntary_switches: int  # timed section


@dataclass(frozen=True)
class Measurement:
    """What a worker writes on standard output: its side of a record."""

    work: Work
    phases: Phases
    calls_per_sample: int
    warmup: list[float]  # seconds a call, in order
    samples: list[float]  # seconds a call, in order
    check: Check
    observed: Observed
    usage: Usage
    versions: dict[str, str]  # python, numpy, tensorflow
    format: int = FORMAT


@dataclass(frozen=True)
class ImageIdentity:
    """Which image a launch ran in."""

    name: str  # cpu, cuda
    content: str  # sha256 over its files and settings, the same for two builds of one recipe
    id: str  # the engine's own id of this build


@dataclass(frozen=True)
class Failure:
    """Why a launch gave no valid measurement."""

    message: str  # one sentence
    stderr: list[str]  # its last lines
    exit_code: int | None
    signal: str | None


@dataclass(frozen=True)
class Record:
    """One launch."""

    id: str  # sweep/workload@definition/round/position
    status: Status
    machine: str
    sweep: str
    workload: str  # as named in the config
    definition: str  # identity of the cell's definition
    round: int  # from 1
    position: int  # place in the round's order, from 1
    order_seed: str  # seeds the round's order
    session: str  # identifies the process that ran the launch; a resumed round has two
    setting: Setting
    case: Case
    image: ImageIdentity
    environment: dict[str, str]  # in full, padding included
    command: list[str]
    cpuset: str
    limits: Limits
    started_at: str  # UTC, ISO 8601
    wall_s: float  # engine's work included
    engine_s: float  # wall_s less the process's own life
    measurement: Measurement | None
    failure: Failure | None
    format: int = FORMAT

    def __post_init__(self) -> None:
        if (self.status == "ok") == (self.failure is not None):
            raise ValueError(f"record {self.id}: status {self.status} does not fit its failure entry")
        if self.status == "ok" and self.measurement is None:
            raise ValueError(f"record {self.id}: status ok without a measurement")


@dataclass(frozen=True)
class Cell:
    """One workload of one sweep: what is measured in each of its rounds."""

    sweep: str
    question: str  # what the sweep asks, for the report
    workload: str  # as named in the config
    module: str  # the workload's module
    params: dict[str, Any]
    settings: list[Setting]
    baseline: str  # id of the setting that all others are compared with
    rounds: int
    definition: str  # identity of all that a record of this cell depends on
    timing: Timing
    limits: Limits
    seed: int
    fixed: dict[str, KnobValue] = field(default_factory=dict)  # knobs that all settings share

    @property
    def directory(self) -> str:
        """Where the cell's rounds lie, below the machine's folder."""
        return f"rounds/{self.sweep}/{self.workload}@{self.definition}"


@dataclass(frozen=True)
class Hole:
    """Something that the config asks for and this machine cannot give."""

    what: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """What a config comes to on a machine."""

    machine: str
    suite: str  # the suite's version
    config: dict[str, Any]  # as validated, defaults filled in
    images: dict[str, str]  # name -> identity of its build context
    cells: list[Cell]
    holes: list[Hole] = field(default_factory=list)
    format: int = FORMAT

    @property
    def launches(self) -> int:
        """How many launches the whole plan takes."""
        return sum(cell.rounds * len(cell.settings) for cell in self.cells)


def to_json(document: object) -> str:
    """One line of JSON; raises ValueError for NaN and infinities, which JSON does not have."""
    return json.dumps(asdict(document), separators=(",", ":"), allow_nan=False)  # type: ignore[call-overload]


@dataclass(frozen=True)
class Package:
    """One package of an image."""

    name: str
    version: str
    kind: Literal["debian", "python"]


@dataclass(frozen=True)
class Receipt:
    """What an image is and how it was made."""

    image: ImageIdentity
    context: str  # identity of the recipe: what the plan expects
    base: str  # how the base was got: "bootstrap: Debian bookworm, rootfs sha256:..." or "registry: NAME@sha256:..."
    base_content: str  # content identity of the base
    size_bytes: int  # as the engine counts it
    packages: list[Package]
    tensorflow: dict[str, Any]  # version, git version, compiler, build info
    engine: dict[str, str]  # the engine that built it: name, version, api
    built_at: str  # UTC, ISO 8601
    build_s: float
    format: int = FORMAT


@dataclass(frozen=True)
class Machine:
    """The host that is measured. None: this machine does not tell."""

    slug: str
    cpu: str  # model name
    architecture: str
    cpus: list[int]  # those that launches may use
    logical_cpus: int
    physical_cores: int
    sockets: int
    numa_nodes: int | None
    caches: dict[str, str]  # level -> size, as lscpu prints it
    instruction_sets: list[str]  # the vector extensions among the CPU's flags
    memory_bytes: int
    governor: str | None
    virtualisation: str | None
    gpus: list[str]  # NVIDIA GPUs by name
    gpu_reason: str | None  # why there is none to hand out
    os: str
    kernel: str
    engine: dict[str, str]  # name, version, api, storage, cgroup
    load_average: list[float]  # 1, 5, 15 minutes, when this was written
    taken_at: str  # UTC, ISO 8601
    format: int = FORMAT
