"""What a launch is and what came of it, as the suite's stages hand it on. Standard library only: containers import it.

History of FORMAT (a change of meaning adds one; workloads.vocabulary.older_formats reads older documents):

1  2026-11-22  first version
2  2026-11-22  knobs may be true or false; metric, canary, surroundings, allocator, throttling; attempts; user models
3  2026-11-26  launches take turns: slices, cycles with a tick of the canary each; no attempts, no gate; typed holes
"""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Literal

from workloads.vocabulary.model_facts import ModelFacts
from workloads.vocabulary.slice import Slice

FORMAT = 3

# What a knob is set to once resolved; None leaves TensorFlow's own default in place.
KnobValue = bool | int | str | None

# Before the name of an environment variable that the catalogue does not know: set as it is, audited as unknown.
FREE = "env:"


class Status(StrEnum):
    """What came of a launch."""

    OK = "ok"
    WRONG_OUTPUT = "wrong_output"  # it ran, and its result is not the reference's
    OUT_OF_MEMORY = "out_of_memory"  # the kernel ended it at the launch's memory limit
    TIMEOUT = "timeout"  # the runner ended it at the launch's time limit
    ABORTED = "aborted"  # SIGABRT: TensorFlow's fatal checks end so
    SIGNAL = "signal"  # any other signal
    FAILED = "failed"  # another exit status than 0, a Python exception among them
    NO_RECORD = "no_record"  # exit status 0, and no document that can be read
    NO_DEVICE = "no_device"  # the engine has no such accelerator to hand out
    KILLED = "killed"  # from outside the launch, as `docker kill` does: it says nothing of the setting


def identity(document: object) -> str:
    """Eight hexadecimal digits that identify a JSON-able document by its content."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Setting:
    """One value for each knob of a sweep."""

    id: str  # identity of `resolved`
    written: dict[str, bool | int | str]  # as in the config: {"intra_op": "2*cores"}
    resolved: dict[str, KnobValue]  # on this machine: {"intra_op": 4}

    @property
    def label(self) -> str:
        """As people read it: ``intra_op=4``, what is left at its default unnamed; ``defaults`` where all of it is."""
        named = [f"{knob}={written(value)}" for knob, value in self.resolved.items() if value is not None]
        return " ".join(named) or "defaults"


def written(value: KnobValue) -> str:
    """A knob's value as a config writes it."""
    if value is None:
        return "default"
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class Timing:
    """How a launch spends its time."""

    warmup_s: float  # calls after the first one that are kept apart
    slice_s: float  # timed calls, each time that it is the launch's turn; one call at least, however long it takes
    cycles: int  # so many turns of every launch
    min_sample_s: float  # short calls are grouped until a sample takes this long


@dataclass(frozen=True)
class Limits:
    """What a container may use."""

    memory_bytes: int
    pids: int
    timeout_s: float

    def of_instances(self, instances: int) -> "Limits":
        """What a container of so many instances may use: for each as much as for one."""
        return replace(self, memory_bytes=self.memory_bytes * instances, pids=self.pids * instances)


@dataclass(frozen=True)
class Case:
    """What a worker is asked to do: the setting's environment and CPU set already surround it."""

    workload: str  # a module of this package
    params: dict[str, Any]
    intra_op: int | None  # by TensorFlow's API; None leaves the default
    inter_op: int | None
    timing: Timing
    seed: int  # of the inputs; the same in every launch of a cell
    ramp_s: float = 0.0  # at least so many seconds of calls before those of a slice that count
    co_runners: int = 0  # processes that keep a CPU busy each, from the first call to the last
    concurrency: int = 1  # threads of a process that call the workload at the same time
    instances: int = 1  # processes that run the workload side by side, each on its own part of the CPUs
    format: int = FORMAT


@dataclass(frozen=True)
class Work:
    """What one call of a workload does, as known from its definition."""

    amount: float
    unit: Literal["FLOP", "byte", "example"]


@dataclass(frozen=True)
class Phases:
    """Where a launch's wall time went, in seconds, in this order. Of several instances, each phase's longest."""

    start_s: float  # process start to `import tensorflow`: Python, NumPy, the workload's module
    import_s: float  # import tensorflow
    build_s: float  # context, inputs, model
    first_call_s: float  # tracing and compilation included
    check_s: float  # reference and comparison, of the first output and of the last
    warmup_s: float
    timing_s: float  # in slices, each with the call before it that is not counted
    waiting_s: float  # between slices, while other launches had their turns


@dataclass(frozen=True)
class Check:
    """The workload's output held against a reference."""

    passed: bool
    error: float | None  # relative, in the norm that the workload documents; None if not finite
    tolerance: float
    reference: str  # what it was held against


@dataclass(frozen=True)
class Observed:
    """What was seen inside the container, of all its instances, whatever was asked for. None: could not be seen."""

    cpus: list[int]  # the affinity mask
    inter_threads: int | None  # threads named tf_Compute
    intra_threads: int | None  # unnamed threads that came with TensorFlow's context
    threads: int  # all threads of the process after timing
    cpu_per_wall: float  # CPU time / wall time while timing: the effective parallelism
    onednn: bool | None  # TensorFlow's oneDNN operations are on
    devices: list[str]  # TensorFlow's logical devices
    traces: int | None  # new traces of the timed function while timing: 0 if the timing is sound
    allocator: str  # the library that gives memory: tcmalloc, jemalloc, or libc
    throttled_s: float | None  # how long the CPU quota held the container up while timing


@dataclass(frozen=True)
class Usage:
    """What the timed section used, and the process as a whole; of several instances their sum."""

    cpu_s: float  # user + system, timed section
    peak_rss_bytes: int  # whole process
    voluntary_switches: int  # timed section
    involuntary_switches: int  # timed section


@dataclass(frozen=True)
class Surroundings:
    """What the kernel tells of the machine from a launch's first slice to its last. None: unavailable here."""

    load: float | None  # load average over one minute, at the end
    steal_s: float | None  # CPU time that the hypervisor kept, all CPUs together
    pressure_s: float | None  # time in which some process waited for a CPU (PSI)
    mhz: float | None  # mean frequency of the CPUs, at the end
    celsius: float | None  # the hottest sensor, at the end


@dataclass(frozen=True)
class Measurement:
    """What a worker writes on standard output: its side of a record."""

    metric: Literal["throughput", "latency"]
    work: Work
    phases: Phases
    calls_per_sample: int
    warmup: list[float]  # seconds a call, in order
    slices: list[Slice]  # in order; one for each cycle
    held: bool  # its processes were stopped between slices, because they used CPU time there
    check: Check
    observed: Observed
    usage: Usage
    surroundings: Surroundings
    versions: dict[str, str]  # python, numpy, tensorflow
    model: ModelFacts | None = None  # None: the workload is one of the suite's own
    format: int = FORMAT

    @property
    def samples(self) -> list[float]:
        """Seconds a call, of all slices, in order."""
        return [sample for slice_ in self.slices for sample in slice_.samples]


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
class Tick:
    """One tick of the canary, and what became of the cycle that it belongs to. Seconds."""

    one_s: float  # a fixed amount of work on one CPU
    all_s: float  # the same on each CPU at once
    suspended_s: float  # how long the machine was suspended within the cycle


@dataclass(frozen=True)
class Turns:
    """How a launch took turns with the others of its block. Lists have one entry for each cycle, in order."""

    block: int  # of the round, from 1: launches of one block were up at the same time
    places: list[int]  # the launch's place in the cycle, from 1
    kept: list[bool]  # false: set aside by the canary's rule, which does not look at what was timed
    ticks: list[Tick]  # none where no canary ran; in format 2, one before and one after the launch
    cpus: int  # on which the canary ran, all at once
    dropped_after: int | None = None  # cycles after which a race went on without the launch
    handover_s: float | None = None  # median over the cycles: order to answer, less the calls


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
    position: int  # place in the round, from 1, in the order in which launches were started
    order_seed: str  # seeds the round's order and that of each of its cycles
    session: str  # identifies the process that ran the launch; a resumed round has two
    setting: Setting
    case: Case
    image: ImageIdentity
    environment: dict[str, str]  # in full, padding included
    command: list[str]
    cpuset: str
    cpu_quota: int | None  # percent of one CPU
    model: str | None  # content identity of the user's model
    limits: Limits
    started_at: str  # UTC, ISO 8601
    wall_s: float  # engine's work and waiting included; launches of one block have theirs at the same time
    engine_s: float  # wall_s less the process's own life
    turns: Turns
    measurement: Measurement | None
    failure: Failure | None
    plan: str | None = None  # sha256 of the plan that it was made by; None: it is older than these
    format: int = FORMAT

    def __post_init__(self) -> None:
        if (self.status is Status.OK) == (self.failure is not None):
            raise ValueError(f"record {self.id}: status {self.status} does not fit its failure entry")
        if self.status is Status.OK and self.measurement is None:
            raise ValueError(f"record {self.id}: status ok without a measurement")

    @property
    def kept_slices(self) -> list[Slice]:
        """The slices of cycles that were not set aside, in order."""
        slices = self.measurement.slices if self.measurement else []
        return [slice_ for slice_, kept in zip(slices, self.turns.kept, strict=False) if kept]

    @property
    def is_set_aside(self) -> bool:
        """Whether every one of its cycles was set aside: a launch of format 2 that the machine disturbed."""
        return bool(self.turns.kept) and not any(self.turns.kept)


def to_json(document: object) -> str:
    """One line of JSON; raises ValueError for NaN and infinities, which JSON does not have."""
    return json.dumps(asdict(document), separators=(",", ":"), allow_nan=False)  # type: ignore[call-overload]
