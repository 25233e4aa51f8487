"""What of a probe's answer is compared, and how a change of it reads. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from workloads.harness.probe import Seen

Value = str | bool | int | float | tuple[str, ...] | None


class Aspect(StrEnum):
    """One thing that a probe sees, by the words that evidence has for it; in the order in which it names them."""

    CPUS = "CPUs"
    INTRA_THREADS = "intra-op threads"
    INTER_THREADS = "inter-op threads"
    DEVICES = "devices"
    ONEDNN = "oneDNN operations"
    THROTTLED = "held up by a quota"
    RUNTIME = "oneDNN's runtime"
    ONEDNN_THREADS = "oneDNN's threads"
    INSTRUCTION_SET = "oneDNN's instruction set"
    KERNELS = "kernels"
    XLA_CLUSTERS = "XLA clusters"
    LIBRARIES = "loaded libraries"
    ERROR = "relative error"  # of an operation
    CALLS_AT_ONCE = "map calls at once"
    CALLS_OF_EIGHT = "map calls at once of eight"
    MADE_AHEAD = "elements made ahead"
    MAP_OUTPUT = "the map's output"
    # Last: they change with each of the others, and say the least.
    BITS = "output bits"  # of an operation


# Lists of which a change names what came and what went.
COMPARED_ONE_BY_ONE = {Aspect.KERNELS, Aspect.LIBRARIES}

# What other programs on the machine may disturb: it is probed twice before it counts.
DISTURBED_BY_OTHERS = {Aspect.CALLS_AT_ONCE, Aspect.CALLS_OF_EIGHT, Aspect.MADE_AHEAD}


@dataclass(frozen=True)
class Trait:
    """An aspect of a probe, or of one of its operations."""

    aspect: Aspect
    operation: str | None = None

    def __str__(self) -> str:
        return str(self.aspect) if self.operation is None else f"{self.operation}'s {self.aspect}"


@dataclass(frozen=True)
class Change:
    """What is other than in the plain probes."""

    trait: Trait
    before: Value
    after: Value

    def __str__(self) -> str:
        if self.trait.aspect is Aspect.BITS:
            return f"{self.trait} differ"
        before, after = self.before, self.after
        if self.trait.aspect in COMPARED_ONE_BY_ONE and isinstance(before, tuple) and isinstance(after, tuple):
            came, went = sorted(set(after) - set(before)), sorted(set(before) - set(after))
            before, after = tuple(went), tuple(came)
        return f"{self.trait} {_words(after)} instead of {_words(before)}"


def traits(seen: Seen) -> dict[Trait, Value]:
    """What of a probe's answer is compared; None: it could not be seen."""
    values: dict[Aspect, Value] = {
        Aspect.CPUS: tuple(str(cpu) for cpu in seen.cpus),
        Aspect.INTRA_THREADS: seen.intra_threads,
        Aspect.INTER_THREADS: seen.inter_threads,
        Aspect.DEVICES: tuple(seen.devices),
        Aspect.ONEDNN: seen.onednn,
        Aspect.THROTTLED: None if seen.throttled_s is None else seen.throttled_s > 0,
        Aspect.RUNTIME: seen.runtime,
        Aspect.ONEDNN_THREADS: seen.nthr,
        Aspect.INSTRUCTION_SET: seen.isa,
        Aspect.KERNELS: tuple(seen.kernels),
        Aspect.XLA_CLUSTERS: seen.xla_clusters,
        Aspect.LIBRARIES: tuple(seen.libraries),
        Aspect.CALLS_AT_ONCE: seen.pipeline.at_once,
        Aspect.CALLS_OF_EIGHT: seen.pipeline.of_eight,
        Aspect.MADE_AHEAD: seen.pipeline.made_ahead,
        Aspect.MAP_OUTPUT: seen.pipeline.output,
    }
    compared = {Trait(aspect): value for aspect, value in values.items()}
    # Two digits: the last bits of an error differ from run to run.
    compared |= {Trait(Aspect.ERROR, operation): float(f"{error:.1e}") for operation, error in seen.errors.items()}
    compared |= {Trait(Aspect.BITS, operation): digest for operation, digest in seen.bits.items()}
    order = list(Aspect)
    return dict(sorted(compared.items(), key=lambda item: order.index(item[0].aspect)))


def changes(plain: Sequence[Seen], seen: Sequence[Seen]) -> list[Change]:
    """What is other than in the plain probes; only traits on which the probes of a kind agree."""
    before, after = [traits(probe) for probe in plain], [traits(probe) for probe in seen]
    return [
        Change(trait, value, after[0][trait])
        for trait, value in before[0].items()
        if all(probe[trait] == value for probe in before)
        and all(probe[trait] == after[0][trait] for probe in after)
        and after[0][trait] != value
    ]


def is_unsure(plain: Sequence[Seen], seen: Sequence[Seen]) -> bool:
    """Whether something changed, and all of it may have been disturbed by other programs."""
    changed = changes(plain, seen)
    return bool(changed) and all(change.trait.aspect in DISTURBED_BY_OTHERS for change in changed)


def sentence(changed: Iterable[Change], most: int = 3) -> str:
    """The first `most` changes in words. Bits differ where errors do, and are then not said."""
    listed = list(changed)
    with_error = {change.trait.operation for change in listed if change.trait.aspect is Aspect.ERROR}
    said = [
        str(change)
        for change in listed
        if change.trait.aspect is not Aspect.BITS or change.trait.operation not in with_error
    ]
    more = f" and {len(said) - most} more" if len(said) > most else ""
    return "; ".join(said[:most]) + more


def _words(value: Value) -> str:
    match value:
        case None:
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.1e}"
        case tuple():
            return ", ".join(value) or "none"
    return str(value)
