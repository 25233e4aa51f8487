"""What probes say of a knob's value: the rules of an audit. Pure.

A value is held against plain probes, in which nothing is set. Then, the first that fits:

fatal              the process died
shadowed           the plan sets it beside a knob that wins over it
effective          something that the probe sees is other than in the plain probes, which agree on it
not testable here  the CPU lacks the instruction set that the value names, or AMX, or there is no GPU
effective          nothing is other, and another value of the same knob is effective: this one is the default
inert              nothing is other, and either its name occurs nowhere in the loaded code, or what it acts on is
                   not loaded (OpenMP, MKL), or the probe would have seen an effect
not testable here  nothing is other, and an effect would show in time only
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from containers.audit.trials import Tried
from workloads.harness.probe import Seen
from workloads.vocabulary.inventory import AuditFinding, AuditStatus
from workloads.vocabulary.knobs import CATALOGUE, variable
from workloads.vocabulary.record import FREE, KnobValue, written

LISTED = ("kernels", "loaded libraries")
PIPELINE = ("map calls at once", "map calls at once of eight", "elements made ahead")
"""Aspects that other programs on the machine may disturb: asked twice before they count."""

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
"""ONEDNN_MAX_CPU_ISA -> what the kernel calls the instructions, as oneDNN's manual has them."""

_ALLOCATOR_MISSING = "the image does not hold the library"
_SAID = 3  # changes that an evidence sentence names


@dataclass(frozen=True)
class Died:
    """A probe that did not answer."""

    how: str


@dataclass(frozen=True)
class Probed:
    """A value and all probes of it."""

    tried: Tried
    outcomes: list[Seen | Died]
    named: bool | None  # its variable's name occurs in the loaded code; None: nobody looked


def _told(what: str | int | None) -> str:
    return "unknown" if what is None else str(what)


def aspects(seen: Seen) -> dict[str, str]:
    """What of a probe's answer is compared, in the order in which evidence names it."""
    flags = {"oneDNN operations": seen.onednn, "held up by a quota": seen.throttled_s and seen.throttled_s > 0}
    return {
        "CPUs": _list(str(cpu) for cpu in seen.cpus),
        "intra-op threads": _told(seen.intra_threads),
        "inter-op threads": _told(seen.inter_threads),
        "devices": _list(seen.devices),
        **{name: "unknown" if flag is None else "yes" if flag else "no" for name, flag in flags.items()},
        "oneDNN's runtime": _told(seen.runtime),
        "oneDNN's threads": _told(seen.nthr),
        "oneDNN's instruction set": _told(seen.isa),
        "kernels": _list(seen.kernels),
        "XLA clusters": str(seen.xla_clusters),
        "loaded libraries": _list(seen.libraries),
        **{f"{name}'s relative error": f"{error:.1e}" for name, error in seen.errors.items()},
        "map calls at once": str(seen.pipeline.at_once),
        "map calls at once of eight": str(seen.pipeline.of_eight),
        "elements made ahead": str(seen.pipeline.made_ahead),
        "the map's output": str(seen.pipeline.output),
        # Last: they change with each of the others, and say the least.
        **{f"{name}'s output bits": value for name, value in seen.bits.items()},
    }


def changes(plain: Sequence[Seen], seen: Sequence[Seen]) -> dict[str, str]:
    """Aspect -> what is other than in the plain probes; only aspects on which the probes of a kind agree."""
    before, after = [aspects(one) for one in plain], [aspects(one) for one in seen]
    found = {}
    for name, value in before[0].items():
        agreed = all(one[name] == value for one in before) and all(one[name] == after[0][name] for one in after)
        if agreed and after[0][name] != value:
            found[name] = _change(name, value, after[0][name])
    return found


def unsure(plain: Sequence[Seen], seen: Sequence[Seen]) -> bool:
    """Whether all that changed is what other programs may disturb."""
    found = changes(plain, seen)
    return bool(found) and set(found) <= set(PIPELINE)


def findings(
    probed: Sequence[Probed], plain: Sequence[Seen], shadows: Mapping[tuple[str, KnobValue], str]
) -> list[AuditFinding]:
    """One finding for each value, by the rules above."""
    changed = [_changes_of(one, plain) for one in probed]
    effects: dict[str, tuple[KnobValue, str]] = {}
    for one, what in zip(probed, changed, strict=True):
        if what:
            effects.setdefault(one.tried.knob, (one.tried.value, _sentence(what)))
    found = []
    for one, what in zip(probed, changed, strict=True):
        knob, value = one.tried.knob, one.tried.value
        status, evidence = _judge(one, what, plain[0], effects.get(knob))
        if status != "fatal" and (winner := shadows.get((knob, value))) is not None:
            status, evidence = "shadowed", f"the plan sets {winner} beside it, which wins; alone: {evidence}"
        found.append(AuditFinding(knob, value, status, evidence))
    return found


def _changes_of(one: Probed, plain: Sequence[Seen]) -> dict[str, str]:
    seen = [outcome for outcome in one.outcomes if isinstance(outcome, Seen)]
    return changes(plain, seen) if seen and len(seen) == len(one.outcomes) else {}


def _judge(
    one: Probed, changed: dict[str, str], plain: Seen, effect: tuple[KnobValue, str] | None
) -> tuple[AuditStatus, str]:
    died = next((outcome for outcome in one.outcomes if isinstance(outcome, Died)), None)
    if died is not None:
        return "fatal", died.how
    if one.tried.trial is None:
        return "not testable here", f"{one.tried.reason}; only time shows it"
    if changed:
        return "effective", _sentence(changed)
    if (lack := _lacking(one.tried, plain)) is not None:
        return "not testable here", f"{lack}, and nothing that the probe sees changed"
    if effect is not None:
        return "effective", f"as in the plain probes; {written(effect[0])} is other: {effect[1]}"
    return _unchanged(one, plain)


def _unchanged(one: Probed, plain: Seen) -> tuple[AuditStatus, str]:
    knob = CATALOGUE.get(one.tried.knob)
    nothing = "nothing that the probe sees changed"
    if one.tried.knob.startswith(FREE):
        nothing += "; the catalogue does not know this variable"
    # oneDNN puts its variables' names together from parts.
    if one.named is False and not str(variable(one.tried.knob)).startswith("ONEDNN_"):
        return "inert", f"{nothing}; its name occurs in no library or module that is loaded"
    if knob is not None and knob.shows in ("openmp", "mkl"):
        names = {"openmp": ("OpenMP", ("libiomp", "libgomp", "libomp")), "mkl": ("MKL", ("libmkl",))}
        label, libraries = names[knob.shows]
        if not any(name.startswith(libraries) for name in plain.libraries):
            return "inert", f"{nothing}; no {label} library is loaded"
    if knob is not None and knob.shows != "probe":
        return "not testable here", f"{nothing}; only time shows it"
    return "inert", nothing


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


def _sentence(changed: Mapping[str, str]) -> str:
    errors = {name.partition("'")[0] for name in changed if name.endswith("relative error")}
    said = [
        text
        for name, text in changed.items()
        if not (name.endswith("output bits") and name.partition("'")[0] in errors)
    ]
    more = f" and {len(said) - _SAID} more" if len(said) > _SAID else ""
    return "; ".join(said[:_SAID]) + more


def _change(name: str, before: str, after: str) -> str:
    if name in LISTED:
        old, new = set(before.split(", ")), set(after.split(", "))
        return f"{name} {_list(sorted(new - old))} instead of {_list(sorted(old - new))}"
    if name.endswith("bits"):
        return f"{name} differ"
    return f"{name} {after} instead of {before}"


def _list(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"
