"""What is known of the machine and its images before anything is timed. Standard library only."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from workloads.vocabulary.census import Census
from workloads.vocabulary.record import FORMAT, ImageIdentity, KnobValue


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
    disclosed: dict[str, str] = field(default_factory=dict)  # what else decides its speed: property -> value, in words
    format: int = FORMAT


class AuditStatus(StrEnum):
    """What an audit says of a value of a knob."""

    EFFECTIVE = "effective"  # a probe shows that it changes what TensorFlow does
    INERT = "inert"  # set, never read by TensorFlow, and nothing changed: a negative control
    SHADOWED = "shadowed"  # another knob that is set wins over it
    FATAL = "fatal"  # the process does not survive it
    NOT_TESTABLE = "not testable here"  # this machine or image lacks what it acts on, or only time shows it
    NOT_OBSERVED = "not observed"  # read where neither probe nor census sees it


@dataclass(frozen=True)
class AuditFinding:
    """What one value of a knob did in an image on this machine."""

    knob: str
    value: KnobValue
    status: AuditStatus
    evidence: str  # one sentence from the probes


@dataclass(frozen=True)
class AuditFact:
    """A statement about TensorFlow that probes decide."""

    id: str
    statement: str
    holds: bool | None  # None: could not be decided here
    evidence: str


@dataclass(frozen=True)
class Audit:
    """What each knob of the catalogue, and each value of the config, does in an image on this machine."""

    image: ImageIdentity
    machine: str
    findings: list[AuditFinding]
    facts: list[AuditFact]
    probes: int  # containers that were asked
    seconds: float
    census: Census | None = None  # None: taken before there was one
    format: int = FORMAT
