"""Values that a machine gives a meaning to: `cores`, `2*cores`, `physical`, `cores/2`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from containers.errors import ConfigError
from workloads.knobs import CATALOGUE, Knob, nearest
from workloads.record import KnobValue

DEFAULT = "default"
"""Written for a knob that is left to TensorFlow."""

_EXPRESSION = re.compile(r"(?:(?P<times>[1-9]\d*)\*)?(?P<unit>cores|physical)(?:/(?P<by>[1-9]\d*))?")


@dataclass(frozen=True)
class Counts:
    """What symbolic values stand for on a machine."""

    cores: int  # CPUs that launches may use
    physical: int  # physical cores among them


def known_knob(name: str, place: str) -> Knob:
    """The catalogue's knob of that name. Raises ConfigError with the nearest known one."""
    if name not in CATALOGUE:
        raise ConfigError(f"config: {place}: unknown knob {name!r}{nearest(name, list(CATALOGUE))}")
    return CATALOGUE[name]


def resolve(knob: Knob, written: int | str, counts: Counts, place: str) -> KnobValue:
    """A written value's meaning on a machine; None leaves TensorFlow's default.

    Thread and CPU counts are integers or `[K*]cores[/K]`, `[K*]physical[/K]`, rounded down and at least 1.
    Raises ConfigError for what does not parse and for more CPUs than there are.
    """
    if written == DEFAULT:
        return None
    if knob.values not in ("threads", "cpus"):
        return str(written)
    value = written if isinstance(written, int) else _evaluate(written, counts, f"{place}.{knob.name}")
    if knob.values == "cpus" and not 1 <= value <= counts.cores:
        raise ConfigError(
            f"config: {place}: cpus={written} is {value}, and this machine has 1 to {counts.cores} to give"
        )
    return value


def _evaluate(written: str, counts: Counts, place: str) -> int:
    match = _EXPRESSION.fullmatch(written.replace(" ", ""))
    if match is None:
        raise ConfigError(
            f"config: {place}: {written!r} is no number of threads;"
            f" write an integer, 'cores', '2*cores', 'cores/2', 'physical' or 'default'"
        )
    unit = counts.cores if match["unit"] == "cores" else counts.physical
    return max(1, int(match["times"] or 1) * unit // int(match["by"] or 1))
