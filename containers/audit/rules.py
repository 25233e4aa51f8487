"""What probes say of a knob's value: the rules of an audit. Pure.

A value is held against plain probes, in which nothing is set. Then, the first that fits:

fatal              the process died
shadowed           the plan sets it beside a knob that wins over it
effective          something that the probe sees is other than in the plain probes, which agree on it
not testable here  the CPU lacks the instruction set that the value names, or AMX, or there is no GPU
effective          nothing is other, and another value of the same knob is effective: this one is the default
not observed       a variable of libc, the loader or an allocator: neither probe nor census can see who reads it
not testable here  nothing is other, and TensorFlow reads the variable, so that time may show an effect
inert              nothing is other, and the variable is one that TensorFlow never asked for in a whole census
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from containers.audit.aspects import Change, changes, sentence
from containers.audit.trials import Tried
from workloads.harness.probe import Seen
from workloads.vocabulary.census import Census, Standing
from workloads.vocabulary.inventory import AuditFinding, AuditStatus
from workloads.vocabulary.knobs import CATALOGUE, variable
from workloads.vocabulary.record import KnobValue, written

# ONEDNN_MAX_CPU_ISA -> what the kernel calls the instructions, as oneDNN's manual has them.
_NEEDS = {
    "SSE41": "sse4_1",
    "AVX": "avx",
    "AVX2": "avx2",
    "AVX2_VNNI": "avx_vnni",
    "AVX512_CORE": "avx512bw",
    "AVX512_CORE_VNNI": "avx512_vnni",
    "AVX512_CORE_BF16": "avx512_bf16",
    "AVX512_CORE_FP16": "avx512_fp16",
    "AVX512_CORE_AMX": "amx_tile",
    "AVX512_CORE_AMX_FP16": "amx_fp16",
}

# How variables begin that libc, the loader and the allocators read: before a census begins, or where none is loaded.
_UNSEEN = ("LD_", "MALLOC_", "GLIBC_", "TCMALLOC_")

_UNASKED = {
    Standing.OTHER: "TensorFlow never asks for it; read by {}",
    Standing.UNREAD: "never asked for, though its name stands in {}",
    Standing.ABSENT: "never asked for, and its name stands in no library that is loaded",
}

_ALLOCATOR_MISSING = "the image does not hold the library"


@dataclass(frozen=True)
class Died:
    """A probe that did not answer."""

    how: str


@dataclass(frozen=True)
class Probed:
    """A value and all probes of it."""

    tried: Tried
    outcomes: list[Seen | Died]


def findings(
    probed: Sequence[Probed], plain: Sequence[Seen], shadows: Mapping[tuple[str, KnobValue], str], census: Census
) -> list[AuditFinding]:
    """One finding for each value, by the rules above."""
    changes_of_each = [_changes_of(value, plain) for value in probed]
    effects: dict[str, tuple[KnobValue, str]] = {}
    for value, changed in zip(probed, changes_of_each, strict=True):
        if changed:
            effects.setdefault(value.tried.knob, (value.tried.value, sentence(changed)))
    judged = []
    for value, changed in zip(probed, changes_of_each, strict=True):
        knob, knob_value = value.tried.knob, value.tried.value
        status, evidence = _judge(value, changed, plain[0], effects.get(knob), census)
        if status is not AuditStatus.FATAL and (winner := shadows.get((knob, knob_value))) is not None:
            status, evidence = AuditStatus.SHADOWED, f"the plan sets {winner} beside it, which wins; alone: {evidence}"
        judged.append(AuditFinding(knob, knob_value, status, evidence))
    return judged


def _changes_of(value: Probed, plain: Sequence[Seen]) -> list[Change]:
    seen = [outcome for outcome in value.outcomes if isinstance(outcome, Seen)]
    return changes(plain, seen) if seen and len(seen) == len(value.outcomes) else []


def _judge(
    value: Probed, changed: list[Change], plain: Seen, effect: tuple[KnobValue, str] | None, census: Census
) -> tuple[AuditStatus, str]:
    died = next((outcome for outcome in value.outcomes if isinstance(outcome, Died)), None)
    if died is not None:
        return AuditStatus.FATAL, died.how
    if value.tried.trial is None:
        return AuditStatus.NOT_TESTABLE, f"{value.tried.reason}; only time shows it"
    if changed:
        return AuditStatus.EFFECTIVE, sentence(changed)
    if (lack := _lacking(value.tried, plain)) is not None:
        return AuditStatus.NOT_TESTABLE, f"{lack}, and nothing that the probe sees changed"
    if effect is not None:
        return AuditStatus.EFFECTIVE, f"as in the plain probes; {written(effect[0])} is other: {effect[1]}"
    return _unchanged(value.tried.knob, census)


def _unchanged(knob: str, census: Census) -> tuple[AuditStatus, str]:
    nothing = "nothing that the probe sees changed"
    if (name := variable(knob)) is None:
        known = CATALOGUE.get(knob)
        if known is not None and known.shows == "probe":
            return AuditStatus.INERT, nothing
        return AuditStatus.NOT_TESTABLE, f"{nothing}; only time shows it"
    if name.startswith(_UNSEEN):
        return AuditStatus.NOT_OBSERVED, f"{nothing}; libc, the loader or an allocator reads it where no census sees it"
    standing = census.standing(name)
    if standing is Standing.TENSORFLOW:
        return AuditStatus.NOT_TESTABLE, f"{nothing}; read by {readers(census, name)}; only time shows it"
    if (missed := census.missed_of(name)) is not None:
        return AuditStatus.NOT_TESTABLE, f"{nothing}; nobody was seen to ask for it, but {missed}"
    return AuditStatus.INERT, f"{nothing}; {_UNASKED[standing].format(readers(census, name))}"


def readers(census: Census, name: str, most: int = 2) -> str:
    """Who asks for a variable, and when first, or else in what its name stands: the first `most` of them."""
    reads = sorted(census.of(name), key=lambda read: not read.is_tensorflows)
    told = [f"{read.by} ({next(iter(read.phases))})" for read in reads] or census.unread.get(name, [])
    more = f" and {len(told) - most} more" if len(told) > most else ""
    return f"{', '.join(told[:most])}{more}"


def _lacking(tried: Tried, plain: Seen) -> str | None:
    """What this machine or image lacks for a value to act on; None if nothing is known to be missing."""
    knob = CATALOGUE.get(tried.knob)
    needed = _NEEDS.get(str(tried.value).upper()) if tried.knob == "ONEDNN_MAX_CPU_ISA" else None
    if needed is not None and needed not in plain.instructions:
        return f"this CPU has no {needed} instructions"
    if tried.knob == "allocator" and tried.value is not None:
        return _ALLOCATOR_MISSING
    if knob is not None and knob.shows == "amx" and "amx_bf16" not in plain.instructions:
        return "this CPU has no amx_bf16 instructions"
    if knob is not None and knob.shows == "gpu" and not any("GPU" in device for device in plain.devices):
        return "no GPU is there"
    return None
