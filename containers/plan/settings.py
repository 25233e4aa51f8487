"""The settings of a sweep: written values, every combination of them, resolved on a machine. Pure."""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass

from containers.plan.config import MOST_SETTINGS, SweepConfig
from containers.plan.symbolic import DEFAULT, Counts, Ranges, Written, resolve
from workloads.vocabulary.errors import ConfigError
from workloads.vocabulary.record import KnobValue, Setting, identity


@dataclass(frozen=True)
class SweepSettings:
    """What a sweep's settings are on a machine."""

    settings: list[Setting]  # each once
    baseline: Setting  # one of them
    presets: dict[str, str]  # by name: which setting it comes to here, by its id


def sweep_settings(name: str, sweep: SweepConfig, counts: Counts, ranges: Ranges) -> SweepSettings:
    """The settings of a sweep on a machine. Raises ConfigError."""
    listed = [*sweep.settings, *sweep.presets.values()]
    knobs = list(dict.fromkeys([*sweep.grid, *(knob for values in listed for knob in values)]))
    if not knobs:
        raise ConfigError(f"config: sweeps.{name} has no settings", "give it a `grid`, `settings` or `presets`")
    if (size := math.prod(len(values) for values in sweep.grid.values())) > MOST_SETTINGS:
        raise ConfigError(f"config: sweeps.{name}.grid has {size:,} settings", f"{MOST_SETTINGS:,} are the most")
    combinations = itertools.product(*sweep.grid.values()) if sweep.grid else ()
    written = [dict(zip(sweep.grid, values, strict=True)) for values in combinations] + listed
    settings: dict[str, Setting] = {}
    ids = []
    for values in written:
        setting = _setting({knob: values.get(knob, DEFAULT) for knob in knobs}, counts, f"sweeps.{name}", ranges)
        # On a small machine two written values can mean the same: it is measured once.
        settings.setdefault(setting.id, setting)
        ids.append(setting.id)
    presets = dict(zip(sweep.presets, ids[len(ids) - len(sweep.presets) :], strict=True))
    place = f"sweeps.{name}.baseline"
    for knob, value in sweep.baseline.items():
        resolve(knob, value, counts, place, ranges)
        if knob not in knobs:
            raise ConfigError(f"config: {place} names {knob!r}, which the sweep does not vary")
    baseline = _setting({knob: sweep.baseline.get(knob, DEFAULT) for knob in knobs}, counts, place, ranges)
    if baseline.id not in settings:
        raise ConfigError(
            f"config: sweeps.{name}.baseline ({baseline.label}) is not among the sweep's settings",
            "add it to `settings`",
        )
    return SweepSettings(list(settings.values()), baseline, presets)


def _setting(written: dict[str, Written], counts: Counts, place: str, ranges: Ranges) -> Setting:
    resolved = resolve_all(written, counts, place, ranges)
    return Setting(id=identity(resolved), written=written, resolved=resolved)


def resolve_all(written: Mapping[str, Written], counts: Counts, place: str, ranges: Ranges) -> dict[str, KnobValue]:
    """Written values on a machine. Raises ConfigError that names the place."""
    return {name: resolve(name, value, counts, place, ranges) for name, value in written.items()}
