"""What a config comes to on a machine: cells and their rounds. Standard library only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from workloads.vocabulary.metrics import MetricName
from workloads.vocabulary.record import FORMAT, KnobValue, Limits, Setting, Timing, identity

# The two images of plans that do not say which is the default, and which are for GPUs: there were no others.
OLDER_DEFAULT_IMAGE, OLDER_GPU_IMAGE = "cpu", "cuda"

# The sweep of the launches that measure the machine's peaks; they are outside the plan.
PEAKS = "peaks"

# Where their records lie, below the machine's folder.
PEAKS_FILE = f"{PEAKS}.jsonl"


# Rounds from one look at the intervals to the next: what analysis.decisions.interval_width was simulated with.
LOOK_EVERY = 2


@dataclass(frozen=True)
class UserModel:
    """A model that the user brings: files of the host that enter the container read-only."""

    path: str  # a file, or a folder; of a folder of versions, the version
    inputs: str | None  # a file; None: inputs are made up from the model's signature
    content: str  # sha256 over all of it

    @property
    def volume(self) -> str:
        """The name of the engine's volume that holds it."""
        return f"threadmark-model-{self.content[:16]}"


@dataclass(frozen=True)
class Bounds:
    """What a setting must hold to be recommended, however fast it is."""

    p99_s: float | None = None  # of a hundred calls, 99 take no longer
    memory_bytes: int | None = None  # peak memory of a launch, all instances together


class AdaptiveBy(StrEnum):
    """By which rule rounds beyond the first ones are decided on."""

    WIDTH = "precision"  # until intervals are narrow; the paths of decisions come from this name since format 2
    SEARCH = "search"


@dataclass(frozen=True)
class Adaptive:
    """How a cell comes to rounds beyond its first ones: decided on from the records of those before."""

    by: AdaptiveBy
    first: int  # rounds of all settings, which are measured in any case
    step: int  # rounds from one decision to the next, at most
    most: int  # rounds in all
    budget_s: float | None = None  # wall time of the cell's launches, all rounds together; None: no limit
    target: float | None = (
        None  # until intervals are narrow: half the width of each 95 % interval; 0.02: 2 % of the speed
    )


@dataclass(frozen=True)
class Decision:
    """What the rounds on file of an adaptive cell say about those to come."""

    after: int  # rounds on file when it was made
    rounds: int  # how many come next; 0: no more
    settings: list[str]  # ids of what each of them holds, the baseline among them
    reason: str  # one clause
    format: int = FORMAT


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
    rounds: int  # where it is adaptive: at most
    definition: str  # identity of all that a record of this cell depends on
    timing: Timing
    limits: Limits
    seed: int
    fixed: dict[str, KnobValue] = field(default_factory=dict)  # knobs that all settings share
    model: UserModel | None = None
    adaptive: Adaptive | None = None  # None: the number of rounds is fixed
    decided: list[Decision] = field(default_factory=list)  # in order; empty in a plan as it is made
    turns: bool = True  # false: launch after launch, each a block of its own
    default_image: str = OLDER_DEFAULT_IMAGE  # of launches whose setting names none
    metrics: list[MetricName] = field(default_factory=list)  # what settings are compared by; none: the workload's own
    bounds: Bounds | None = None
    fixed_as_written: dict[str, bool | int | str] = field(default_factory=dict)  # `fixed`, as the config has it
    presets: dict[str, str] = field(default_factory=dict)  # names that the config has for settings -> their ids

    @property
    def directory(self) -> str:
        """Where the cell's rounds lie, below the machine's folder."""
        return f"rounds/{self.name}"

    @property
    def name(self) -> str:
        """The cell's own part of paths."""
        return f"{self.sweep}/{self.workload}@{self.definition}"

    @property
    def certain(self) -> int:
        """How many rounds are measured whatever they show."""
        return self.rounds if self.adaptive is None else self.adaptive.first

    @property
    def settled(self) -> int:
        """How many rounds are to be measured as far as was decided."""
        return self.decided[-1].after + self.decided[-1].rounds if self.decided else self.certain

    @property
    def due(self) -> int | None:
        """After how many rounds the next decision is due; None: no more is to be decided."""
        if self.adaptive is None or (self.decided and not self.decided[-1].rounds):
            return None
        return self.settled if self.settled < self.adaptive.most else None

    @property
    def launches(self) -> int:
        """How many launches the rounds take that are to be measured as far as was decided."""
        further = sum(decision.rounds * len(decision.settings) for decision in self.decided)
        return self.certain * len(self.settings) + further

    @property
    def rule(self) -> str:
        """What identifies the rule of the cell's decisions; those of another rule are kept, and not looked at."""
        return identity([self.adaptive and asdict(self.adaptive), self.baseline])

    def round_file(self, number: int) -> str:
        """Where the records of a round lie, below the machine's folder; the file exists once the round is whole."""
        return f"{self.directory}/{number}.jsonl"

    def decision(self, after: int) -> str:
        """Where the decision after so many rounds lies, below the machine's folder."""
        return f"decisions/{self.name}/{self.rule}/{after}.json"

    def asked(self, number: int) -> list[Setting]:
        """The settings that a round holds; none for a round that nobody has decided on."""
        if number <= self.certain:
            return self.settings
        ids = [
            decision.settings
            for decision in self.decided
            if decision.after < number <= decision.after + decision.rounds
        ]
        return [setting for setting in self.settings if ids and setting.id in ids[0]]


class HoleKind(StrEnum):
    """What a hole is a lack of."""

    IMAGE = "image"
    SWEEP = "sweep"


@dataclass(frozen=True)
class Hole:
    """Something that the config asks for and this machine cannot give."""

    kind: HoleKind
    name: str  # of the image or the sweep
    reason: str


class ProbedKnobs(StrEnum):
    """Which knobs an audit probes."""

    CATALOGUE = "catalogue"  # all that are known
    CONFIG = "config"  # those that the config turns


@dataclass(frozen=True)
class Plan:
    """What a config comes to on a machine."""

    machine: str
    suite: str  # the suite's version
    config: dict[str, Any]  # as validated, defaults filled in; to be handed on whole: what stages ask stands below
    images: dict[str, str]  # name -> identity of its build context
    cells: list[Cell]
    holes: list[Hole] = field(default_factory=list)
    turns: bool = True  # false: launch after launch, each a block of its own
    default_image: str = OLDER_DEFAULT_IMAGE
    probed: ProbedKnobs = ProbedKnobs.CATALOGUE
    peaks: bool = True  # whether the machine's peaks are measured
    gpu_images: list[str] = field(default_factory=lambda: [OLDER_GPU_IMAGE])  # those for GPUs, built here or not
    format: int = FORMAT

    def missing(self, kind: HoleKind, names: Collection[str]) -> list[str]:
        """Why what has one of these names is not in the plan, in the plan's order."""
        return [hole.reason for hole in self.holes if hole.kind is kind and hole.name in names]

    @property
    def launches(self) -> int:
        """How many launches the plan takes, as far as was decided where cells are adaptive."""
        return sum(cell.launches for cell in self.cells)


def baseline_of(cell: Cell) -> Setting:
    """The setting that a cell's others are compared with."""
    return next(setting for setting in cell.settings if setting.id == cell.baseline)


def image_of(cell: Cell, setting: Setting) -> str:
    """The name of the image that a cell's launches run in with a setting."""
    return str((cell.fixed | setting.resolved).get("image") or cell.default_image)
