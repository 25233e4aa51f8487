"""What an audit tries: one knob at a time, each value of the plan and of the catalogue. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields

from containers.plan.symbolic import Counts, resolve
from workloads.harness.probe import Asked
from workloads.vocabulary.applied import apply
from workloads.vocabulary.knobs import CATALOGUE, is_parameter
from workloads.vocabulary.plan import Plan, ProbedKnobs, image_of
from workloads.vocabulary.record import KnobValue

# What every probe has set, unless it is what is tried: its default depends on the CPU.
PLAIN: dict[str, KnobValue] = {"TF_ENABLE_ONEDNN_OPTS": "1"}

# Environment variable -> the knob of TensorFlow's API that wins where both are set.
SHADOWING = {knob.variable: name for name, knob in CATALOGUE.items() if knob.variable is not None}

_APPLIED = {field.name for field in fields(Asked)}


@dataclass(frozen=True)
class Trial:
    """One probe's circumstances."""

    asked: Asked
    environment: tuple[tuple[str, str], ...]
    cpus: int | None = None  # how many of the machine's; None: all
    cpu_quota: int | None = None  # percent of one CPU


@dataclass(frozen=True)
class Tried:
    """One value of a knob, and how it is tried."""

    knob: str
    value: KnobValue
    trial: Trial | None
    reason: str = ""  # why there is no trial


def trial(setting: dict[str, KnobValue], *, late: bool = False) -> Trial:
    """The probe of a resolved setting, on top of `PLAIN`."""
    applied = apply(PLAIN | setting)
    params = {name: value for name, value in applied.params.items() if name in _APPLIED}
    asked = Asked(applied.intra_op, applied.inter_op, late=late, **params)  # type: ignore[arg-type]
    # oneDNN's lines are what a probe reads, unless they are what is tried.
    environment = {"ONEDNN_VERBOSE": "1"} | applied.environment
    return Trial(asked, tuple(sorted(environment.items())), applied.cpus, applied.cpu_quota)


def tried_values(plan: Plan, image: str, counts: Counts) -> list[Tried]:
    """Each knob and value once, in the catalogue's order: the plan's, and the catalogue's if the config wants them."""
    pairs: list[tuple[str, KnobValue]] = []
    for knob in CATALOGUE.values() if plan.probed is ProbedKnobs.CATALOGUE else ():
        pairs += [(knob.name, _resolved(knob.name, value, counts)) for value in knob.tried]
    pairs += [pair for setting in settings(plan, image) for pair in setting.items()]
    # Keyed by text: 1 and True are equal keys, and 1 and "1" give equal environment variables.
    once = {(name, _text(name, value)): (name, value) for name, value in pairs if _is_probed(name)}
    order = {name: place for place, name in enumerate(CATALOGUE)}
    known = sorted(once.values(), key=lambda pair: order.get(pair[0], len(order)))
    return [_tried(name, value) for name, value in known]


def settings(plan: Plan, image: str) -> list[dict[str, KnobValue]]:
    """All resolved settings that the plan launches in an image, with what their sweep fixes."""
    return [
        cell.fixed | setting.resolved
        for cell in plan.cells
        for setting in cell.settings
        if image_of(cell, setting) == image
    ]


def shadowed(plan: Plan, image: str) -> dict[tuple[str, KnobValue], str]:
    """Values of environment variables that a setting also gives to the API: (knob, value) -> the API's knob=value."""
    return {
        (name, setting[name]): f"{by}={setting[by]}"
        for setting in settings(plan, image)
        for name, by in SHADOWING.items()
        if setting.get(name) is not None and setting.get(by) is not None
    }


def _is_probed(name: str) -> bool:
    # Other parameters mean something to one workload only, and another image has an audit of its own.
    return name != "image" and (not is_parameter(name) or name in CATALOGUE)


def _resolved(name: str, value: KnobValue, counts: Counts) -> KnobValue:
    symbolic = isinstance(value, str) and "cores" in value
    return resolve(name, str(value), counts, "catalogue", {}) if symbolic else value


def _text(name: str, value: KnobValue) -> str:
    return f"{type(value).__name__} {value}" if is_parameter(name) else str(value)


def _tried(name: str, value: KnobValue) -> Tried:
    knob = CATALOGUE.get(name)
    if name in ("instances", "concurrency"):
        return Tried(name, value, None, "a probe makes one call at a time")
    if knob is not None and knob.kind == "worker":
        return Tried(name, value, None, "it loads the machine and changes nothing inside TensorFlow")
    if knob is not None and knob.values == "switch":
        return Tried(name, value, None, "a probe runs in a container")
    if is_parameter(name) and name not in _APPLIED:
        return Tried(name, value, None, "the probe has no use of it")
    if name == "precision" and value not in (None, "float32", "bfloat16"):
        return Tried(name, value, None, "the probe has no operation of this precision")
    return Tried(name, value, trial({name: value}))
