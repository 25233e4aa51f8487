"""Which environment variables an image's code asks for, as seen. Standard library only."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

# How a library's questions may go past a census.
OWN_GETENV = "own getenv"


class Standing(StrEnum):
    """What an image has to do with a variable."""

    TENSORFLOW = "read by TensorFlow"
    OTHER = "read by another library"
    UNREAD = "present, never read"  # its name stands in a library, and no phase asked for it
    ABSENT = "absent"


def is_tensorflows(file: str) -> bool:
    """Whether a file of an image is TensorFlow's or Keras's; what its build links lies in a folder beside it."""
    return file.startswith(("tensorflow/", "keras/", "tf_keras/", "_solib_"))


@dataclass(frozen=True)
class VariableRead:
    """A variable, and one place that asks for it."""

    variable: str
    by: str  # a library, or a Python file with its line; below the image's packages, else the whole path
    phases: dict[str, int]  # phase -> how often it was asked for

    @property
    def is_tensorflows(self) -> bool:
        """Whether TensorFlow or Keras asks, and not a library beside them."""
        return is_tensorflows(self.by)


@dataclass(frozen=True)
class CensusPhase:
    """Something that TensorFlow was made to do, while all questions for variables were noted."""

    name: str
    workload: str | None = None  # whose call it was
    failed: str | None = None  # why, in one sentence


@dataclass(frozen=True)
class Census:
    """What was asked for in all phases. What a library finds without asking getenv is not in it."""

    phases: list[CensusPhase]
    reads: list[VariableRead]
    unread: dict[str, list[str]] = field(default_factory=dict)  # variable -> libraries in which its name stands
    unseen: dict[str, str] = field(default_factory=dict)  # library -> how its questions may go past the census
    hidden: dict[str, list[str]] = field(default_factory=dict)  # variable -> those of them in which its name stands
    not_noted: int = 0  # questions for which there was no room

    @property
    def missed(self) -> str | None:
        """Why a variable that nobody asked for may be read all the same; None if nothing is known that says so."""
        for phase in self.phases:
            if phase.failed is not None and phase.workload is None:
                return f"{phase.name} could not be seen ({phase.failed})"
        for library, how in self.unseen.items():
            if how == OWN_GETENV and is_tensorflows(library):
                return f"{library} has a getenv of its own"
        return "there was no room for all questions" if self.not_noted else None

    def missed_of(self, variable: str) -> str | None:
        """Why this variable may be read although nobody was seen to ask; None if nothing is known that says so."""
        if self.missed is None and (libraries := self.hidden.get(variable)):
            return f"{libraries[0]} holds its name and may look at all variables itself"
        return self.missed

    def of(self, variable: str) -> list[VariableRead]:
        """Who asks for a variable."""
        return [read for read in self.reads if read.variable == variable]

    def standing(self, variable: str) -> Standing:
        """What this image has to do with a variable."""
        reads = self.of(variable)
        if any(read.is_tensorflows for read in reads):
            return Standing.TENSORFLOW
        if reads:
            return Standing.OTHER
        return Standing.UNREAD if variable in self.unread else Standing.ABSENT

    def variables(self) -> list[str]:
        """All that were asked for, sorted."""
        return sorted({read.variable for read in self.reads})


def added(reads: Iterable[VariableRead]) -> list[VariableRead]:
    """One entry for each variable and place, its phases' counts added up; sorted."""
    phases: dict[tuple[str, str], dict[str, int]] = {}
    for read in reads:
        counts = phases.setdefault((read.variable, read.by), {})
        for phase, times in read.phases.items():
            counts[phase] = counts.get(phase, 0) + times
    return [VariableRead(variable, by, counts) for (variable, by), counts in sorted(phases.items())]
