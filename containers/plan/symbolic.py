"""Resolves written values on a machine: `cores`, `2*cores`, `physical`, `cores/2`; checks all others."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workloads.harness.contract import Choice, Text, Whole
from workloads.vocabulary.errors import ConfigError
from workloads.vocabulary.knobs import ALLOCATORS, CATALOGUE, is_parameter
from workloads.vocabulary.nearest import nearest
from workloads.vocabulary.record import FREE, KnobValue

# Written for a knob that is left to TensorFlow.
DEFAULT = "default"

Written = bool | int | str

# Parameter -> what it may be, once for each of a sweep's workloads; those that all of them have.
Ranges = Mapping[str, Sequence[Whole | Choice | Text]]

_EXPRESSION = re.compile(r"(?:(?P<times>[1-9]\d*)\*)?(?P<unit>cores|physical)(?:/(?P<by>[1-9]\d*))?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MOST_PERCENT = 100_000


@dataclass(frozen=True)
class Counts:
    """What symbolic values stand for on a machine."""

    cores: int  # CPUs that launches may use
    physical: int  # physical cores among them


def resolve(name: str, written: Written, counts: Counts, place: str, ranges: Ranges) -> KnobValue:
    """A knob's written value on a machine; None leaves the default.

    Counts are integers or `[K*]cores[/K]`, `[K*]physical[/K]`, rounded down and at least 1.
    Raises ConfigError for an unknown knob, with the nearest known one, and for a value that it cannot have.
    """
    _known(name, place, ranges)
    if written == DEFAULT:
        return None
    if name in ranges:
        return _parameter(name, written, counts, place, ranges[name])
    values = "text" if name.startswith(FREE) else CATALOGUE[name].values
    if values == "switch":
        if not isinstance(written, bool):
            raise ConfigError(f"config: {place}.{name}: {written!r} is neither true nor false")
        return written
    if isinstance(written, bool):
        raise ConfigError(
            f"config: {place}.{name}: {written!r} is not allowed", "write 'true', 'false', '1' or '0' in quotes"
        )
    if values in ("threads", "cpus", "percent", "count", "callers"):
        return _checked_count(name, values, written, counts, place)
    if values == "allocator" and written not in ALLOCATORS:
        raise ConfigError(f"config: {place}.{name}: unknown allocator {written!r}", nearest(str(written), ALLOCATORS))
    return str(written)


def _known(name: str, place: str, ranges: Ranges) -> None:
    if name.startswith(FREE):
        variable = name.removeprefix(FREE)
        if not _VARIABLE.fullmatch(variable):
            raise ConfigError(f"config: {place}: {variable!r} is no name of an environment variable")
        if variable in CATALOGUE:
            raise ConfigError(f"config: {place}: {variable} is in the catalogue", f"write it without {FREE!r}")
    elif name not in ranges and (name not in CATALOGUE or is_parameter(name)):
        known = [*(knob for knob in CATALOGUE if not is_parameter(knob)), *ranges]
        raise ConfigError(
            f"config: {place}: unknown knob {name!r}",
            f"{nearest(name, known)}; it is neither in the catalogue nor a parameter of all the sweep's workloads",
        )


def _parameter(
    name: str, written: Written, counts: Counts, place: str, allowed: Sequence[Whole | Choice | Text]
) -> KnobValue:
    value = written
    if isinstance(written, str) and _EXPRESSION.fullmatch(written.replace(" ", "")):
        value = _evaluate(written, counts, f"{place}.{name}")
    for values in allowed:
        if not values.holds(value):
            raise ConfigError(f"config: {place}: {name}: {value!r} is not {values}")
    return value


def _checked_count(name: str, values: str, written: int | str, counts: Counts, place: str) -> int:
    value = written if isinstance(written, int) else _evaluate(written, counts, f"{place}.{name}")
    if values == "cpus" and not 1 <= value <= counts.cores:
        raise ConfigError(
            f"config: {place}: {name}={written} is {value}, and this machine has 1 to {counts.cores} to give"
        )
    if values == "percent" and not 1 <= value <= _MOST_PERCENT:
        raise ConfigError(f"config: {place}: {name}={written} is no percentage of one CPU from 1 upwards")
    if values == "count" and value < 0:
        raise ConfigError(f"config: {place}: {name}={written} is no number from 0 upwards")
    if values == "callers" and value < 1:
        raise ConfigError(f"config: {place}: {name}={written} is no number from 1 upwards")
    return value


def _evaluate(written: str, counts: Counts, place: str) -> int:
    match = _EXPRESSION.fullmatch(written.replace(" ", ""))
    if match is None:
        raise ConfigError(
            f"config: {place}: {written!r} is no number of threads",
            "write an integer, 'cores', '2*cores', 'cores/2', 'physical' or 'default'",
        )
    unit = counts.cores if match["unit"] == "cores" else counts.physical
    return max(1, int(match["times"] or 1) * unit // int(match["by"] or 1))
