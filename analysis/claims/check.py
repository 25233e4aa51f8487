"""Does each claim name sweeps, workloads, knobs and values that a config has? Asked before anything is measured."""

import itertools
from pathlib import Path

from pydantic import BaseModel, TypeAdapter, ValidationError

from analysis.claims.config import Claim, read_file
from analysis.figures.registry import SPEEDUP
from analysis.records.written import Written, filled, label, preset_of
from workloads.vocabulary.errors import ConfigError
from workloads.vocabulary.nearest import nearest
from workloads.vocabulary.validation import read_yaml


class Sweep(BaseModel):
    """What claims need to know of a config's sweep; the config itself is checked by those who run it."""

    workloads: list[str]
    grid: dict[str, list[bool | int | str]] = {}
    settings: list[Written] = []
    presets: dict[str, Written] = {}

    @property
    def knobs(self) -> list[str]:
        """The knobs that it varies."""
        listed = [*self.settings, *self.presets.values()]
        return list(dict.fromkeys([*self.grid, *(knob for setting in listed for knob in setting)]))

    def all_settings(self) -> list[dict[str, str]]:
        """Every setting as text, knobs that are left out being default."""
        grid = [dict(zip(self.grid, values, strict=True)) for values in itertools.product(*self.grid.values())]
        return [
            filled(setting, self.knobs)
            for setting in [*(grid if self.grid else []), *self.settings, *self.presets.values()]
        ]


class _Sweeps(BaseModel):
    sweeps: dict[str, Sweep]


def check(claims_path: Path, config_path: Path) -> None:
    """Raises ConfigError for the first claim that names what the config does not have, with the nearest name."""
    claims = read_file(claims_path)
    remedy = "start from config/quick.yaml"
    try:
        sweeps = TypeAdapter(_Sweeps).validate_python(read_yaml(config_path, remedy)).sweeps
    except ValidationError:
        raise ConfigError(f"{config_path} is no config of sweeps", remedy) from None
    for claim in claims.claims:
        _check_claim(claim, sweeps, f"{claims_path}: claim {claim.id}:")


def _check_claim(claim: Claim, sweeps: dict[str, Sweep], place: str) -> None:
    figures = [SPEEDUP.stem.format(sweep=name) for name in sweeps]
    if claim.figure is not None and claim.figure not in figures:
        raise ConfigError(f"{place} unknown figure {claim.figure!r}", nearest(claim.figure, figures))
    for reference in (reference for test in claim.tests for reference in test.references()):
        sweep = sweeps.get(reference.sweep)
        if sweep is None:
            raise ConfigError(f"{place} unknown sweep {reference.sweep!r}", nearest(reference.sweep, sweeps))
        here = f"{place} sweep {reference.sweep!r}"
        if reference.workload not in sweep.workloads:
            raise ConfigError(
                f"{here} has no workload {reference.workload!r}", nearest(reference.workload, sweep.workloads)
            )
        for setting in reference.settings:
            _check_setting(setting, sweep, here)


def _check_setting(setting: Written, sweep: Sweep, place: str) -> None:
    if (preset := preset_of(setting)) is not None:
        if preset not in sweep.presets:
            raise ConfigError(f"{place} has no preset {preset!r}", nearest(preset, sweep.presets))
        return
    known = sweep.all_settings()
    for knob in setting:
        if knob not in sweep.knobs:
            raise ConfigError(f"{place} does not vary {knob!r}", nearest(knob, sweep.knobs))
    wanted = filled(setting, sweep.knobs)
    for knob, value in wanted.items():
        values = {setting[knob] for setting in known}
        if value not in values:
            raise ConfigError(f"{place} has no value {value!r} of {knob}", nearest(value, values))
    if wanted not in known:
        raise ConfigError(f"{place} has no setting {label(setting)!r}, though each of its values")
