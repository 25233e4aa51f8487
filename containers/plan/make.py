"""From a config to what is measured on a machine: sweeps, cells, settings. Pure: the machine is an argument."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from containers.host.machine import Host, this_host
from containers.images.declaration import Declaration, declarations
from containers.images.recipe import context_identity
from containers.plan.config import Config, SweepConfig, WorkloadConfig, validate
from containers.plan.images import default_image, images_of, unbuilt, wanted_images
from containers.plan.models import describe as describe_model
from containers.plan.strategy import most_rounds, with_strategies
from containers.plan.symbolic import DEFAULT, Counts, Ranges, Written, resolve
from containers.version import suite_version
from workloads.harness.contract import find
from workloads.vocabulary import documents
from workloads.vocabulary.command_line import parser_of
from workloads.vocabulary.documents import write_text
from workloads.vocabulary.errors import ConfigError, command
from workloads.vocabulary.nearest import nearest
from workloads.vocabulary.plan import Cell, Hole, HoleKind, Plan, ProbedKnobs, UserModel
from workloads.vocabulary.record import FORMAT, KnobValue, Limits, Setting, Timing, identity, written


def make_plan(config: Config, host: Host, contexts: Mapping[str, str], images: Sequence[Declaration] = ()) -> Plan:
    """What the config comes to on a host, given the identity of each image's build context; `images`: the suite's.

    Raises ConfigError for a workload, knob, image, parameter or value that is not known, for a
    baseline that is not among its sweep's settings, and for a sweep without a setting to compare.
    """
    images = images or declarations()
    wanted = wanted_images(config, host, images)
    built = {image.name: contexts[image.name] for image in wanted}
    holes = unbuilt(config, host, images, wanted)
    cells: list[Cell] = []
    for name in config.sweeps:
        sweep = _cells(config, host, name, images, built)
        if isinstance(sweep, Hole):
            holes.append(sweep)
        else:
            cells += sweep
    return Plan(
        machine=host.slug,
        suite=suite_version(),
        config=config.model_dump(mode="json"),
        images=built,
        cells=with_strategies(config, cells),
        holes=holes,
        default_image=default_image(images),
        probed=ProbedKnobs(config.audit),
        peaks=config.peaks,
        gpu_images=[image.name for image in images if image.gpu],
    )


def _cells(
    config: Config, host: Host, name: str, images: Sequence[Declaration], built: Mapping[str, str]
) -> list[Cell] | Hole:
    """The cells of a sweep, or why this machine cannot measure it. `built`: image -> identity of its context."""
    sweep = config.sweeps[name]
    counts = Counts(cores=len(host.cpus), physical=host.physical_cores)
    workloads = _workloads(config, name, sweep)
    ranges = _ranges(config, workloads)
    fixed = _resolve_all(config.fixed, counts, "fixed", {}) | _resolve_all(
        sweep.fixed, counts, f"sweeps.{name}.fixed", ranges
    )
    settings, baseline = _settings(name, sweep, counts, ranges)
    used = images_of(fixed, settings, name, images)
    if absent := [image for image in used if image not in built]:
        return Hole(HoleKind.SWEEP, name, f"it needs image {absent[0]}, which is not built here")
    if (reason := _kept_inside(config, host, name, workloads, fixed, settings, images)) is not None:
        return Hole(HoleKind.SWEEP, name, reason)
    varied_knobs = settings[0].resolved.keys()  # all settings of a sweep have the same ones
    shared = {knob: value for knob, value in fixed.items() if knob not in varied_knobs}
    contexts = {image: built[image] for image in used}
    default = default_image(images)
    # The launches of a block would share the memory of a GPU, which each of them takes whole.
    turns = sweep.turns and not any(image.gpu for image in used.values())
    return [
        _cell(config, name, workload, settings, baseline, shared, contexts, default, turns=turns)
        for workload in workloads
    ]


def turned(plan: Plan) -> set[str]:
    """Every knob that a plan turns, with the value, as KNOB=VALUE: what the audit has to look at."""
    return {
        f"{knob}={written(value)}"
        for cell in plan.cells
        for setting in cell.settings
        for knob, value in (cell.fixed | setting.resolved).items()
    }


def _ranges(config: Config, workloads: list[str]) -> Ranges:
    """The parameters that all these workloads have, and what each of them allows."""
    params = [find(_module(workload, config.workloads[workload])).Params for workload in workloads]
    shared = [name for name in asdict(params[0]()) if all(each.range(name) is not None for each in params)]
    return {name: [allowed for each in params if (allowed := each.range(name)) is not None] for name in shared}


def _settings(name: str, sweep: SweepConfig, counts: Counts, ranges: Ranges) -> tuple[list[Setting], Setting]:
    knobs = list(dict.fromkeys([*sweep.grid, *(knob for values in sweep.settings for knob in values)]))
    if not knobs:
        raise ConfigError(f"config: sweeps.{name} has no settings", "give it a `grid` or `settings`")
    combinations = itertools.product(*sweep.grid.values()) if sweep.grid else ()
    written = [dict(zip(sweep.grid, values, strict=True)) for values in combinations] + sweep.settings
    settings: dict[str, Setting] = {}
    for values in written:
        setting = _setting({knob: values.get(knob, DEFAULT) for knob in knobs}, counts, f"sweeps.{name}", ranges)
        # On a small machine two written values can mean the same: it is measured once.
        settings.setdefault(setting.id, setting)
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
    return list(settings.values()), baseline


def _setting(written: dict[str, Written], counts: Counts, place: str, ranges: Ranges) -> Setting:
    resolved = _resolve_all(written, counts, place, ranges)
    return Setting(id=identity(resolved), written=written, resolved=resolved)


def _resolve_all(written: Mapping[str, Written], counts: Counts, place: str, ranges: Ranges) -> dict[str, KnobValue]:
    return {name: resolve(name, value, counts, place, ranges) for name, value in written.items()}


def _kept_inside(
    config: Config,
    host: Host,
    name: str,
    workloads: list[str],
    fixed: dict[str, KnobValue],
    settings: list[Setting],
    images: Sequence[Declaration],
) -> str | None:
    """Why a sweep that runs something outside its container cannot; None if it can, or does not."""
    outside = [setting for setting in settings if (fixed | setting.resolved).get("container") is False]
    with_gpu = any(image.gpu for image in images_of(fixed, outside, name, images).values())
    if with_gpu or any((fixed | setting.resolved).get("cpu_quota") is not None for setting in outside):
        raise ConfigError(
            f"config: sweeps.{name}: quota and GPU come from the container engine", "leave out `container: false`"
        )
    if outside and any(config.workloads[workload].model is not None for workload in workloads):
        raise ConfigError(
            f"config: sweeps.{name}: a model of your own runs in a container only", "leave out `container`"
        )
    return f"it runs outside the container, and {host.bare_reason}" if outside and host.bare_reason else None


def _workloads(config: Config, name: str, sweep: SweepConfig) -> list[str]:
    for workload in sweep.workloads:
        if workload not in config.workloads:
            raise ConfigError(
                f"config: sweeps.{name}.workloads: unknown workload {workload!r}",
                nearest(workload, list(config.workloads)),
            )
    return list(dict.fromkeys(sweep.workloads))


def _cell(
    config: Config,
    sweep: str,
    workload: str,
    settings: list[Setting],
    baseline: Setting,
    fixed: dict[str, KnobValue],
    contexts: dict[str, str],
    default_image: str,
    *,
    turns: bool,
) -> Cell:
    entry = config.workloads[workload]
    module = _module(workload, entry)
    model = _model(workload, entry)
    limits = config.limits
    timing = Timing(**config.timing.model_dump())
    container = Limits(memory_bytes=int(limits.memory), pids=limits.pids, timeout_s=limits.timeout_s)
    params = _params(workload, module, entry)
    written_fixed = config.fixed | config.sweeps[sweep].fixed
    # Rounds, question and baseline are left out: what was measured does not depend on them.
    definition = identity(
        {
            "format": FORMAT,
            "sweep": sweep,
            "module": module,
            "params": params,
            "settings": sorted(setting.id for setting in settings),
            "fixed": fixed,
            "timing": asdict(timing),
            "turns": turns,
            "limits": asdict(container),
            "seed": config.seed,
            "contexts": contexts,
            "model": model and model.content,
        }
    )
    return Cell(
        sweep=sweep,
        question=config.sweeps[sweep].question,
        workload=workload,
        module=module,
        params=params,
        settings=settings,
        baseline=baseline.id,
        rounds=most_rounds(config, config.sweeps[sweep]),
        definition=definition,
        timing=timing,
        limits=container,
        seed=config.seed,
        fixed=fixed,
        model=model,
        turns=turns,
        default_image=default_image,
        metrics=list(dict.fromkeys(config.sweeps[sweep].metrics)),
        fixed_as_written={knob: written_fixed[knob] for knob in fixed},
    )


def _module(workload: str, entry: WorkloadConfig) -> str:
    """The name of a workload's module. Raises ConfigError if there is no such module."""
    module = "user_model" if entry.model is not None else entry.module or workload
    try:
        find(module)
    except ValueError as error:
        raise ConfigError(f"config: workloads.{workload}: {error}") from None
    return module


def _model(workload: str, entry: WorkloadConfig) -> UserModel | None:
    if entry.model is None:
        if entry.inputs is not None or _module(workload, entry) == "user_model":
            raise ConfigError(f"config: workloads.{workload}: give it a `model`, the path of your own model")
        return None
    if entry.module not in (None, "user_model"):
        raise ConfigError(f"config: workloads.{workload}: it has a `model` and a `module`", "leave one out")
    return describe_model(workload, Path(entry.model), None if entry.inputs is None else Path(entry.inputs))


def _params(workload: str, module: str, entry: WorkloadConfig) -> dict[str, Any]:
    """All parameters of a workload, checked by its own Params and with its defaults filled in."""
    try:
        return asdict(find(module).Params.of(entry.params))
    except ValueError as error:
        raise ConfigError(f"config: workloads.{workload}: {error}") from None


def contexts_of(config: Config) -> dict[str, str]:
    """The identity of each image's build context under this config."""
    return {
        image.name: context_identity(image=image.name, base=config.base, base_image=config.base_image)
        for image in declarations()
    }


def write(config_json: str, config_out: Path, out: Path) -> None:
    """Write the plan of a config for this machine, and the config as it was understood. Raises ConfigError."""
    config = validate(json.loads(config_json))
    plan = make_plan(config, this_host(), contexts_of(config))
    write_text(config_out, yaml.safe_dump(plan.config, sort_keys=False))
    documents.write(out, plan)


def main(argv: list[str] | None = None) -> int:
    """Command line: write a plan."""
    parser = parser_of(main)
    parser.add_argument("--config-json", required=True, help="the config, as JSON")
    parser.add_argument("--config-out", type=Path, required=True, help="the config as it was understood, as YAML")
    parser.add_argument("--out", type=Path, required=True, help="the plan")
    arguments = parser.parse_args(argv)
    return command(lambda: write(arguments.config_json, arguments.config_out, arguments.out))


if __name__ == "__main__":
    raise SystemExit(main())
