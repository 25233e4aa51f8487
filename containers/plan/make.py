"""From a config to what is measured on a machine: sweeps, cells, settings. Pure: the machine is an argument."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

from containers.host.machine import Host, this_host
from containers.images.declaration import Declaration, declarations
from containers.images.recipe import context_identity
from containers.notices import say
from containers.plan.config import MOST_LAUNCHES, BoundsConfig, Config, validate
from containers.plan.images import default_image, images_of, unbuilt, wanted_images
from containers.plan.settings import resolve_all, sweep_settings
from containers.plan.strategy import most_rounds, with_strategies
from containers.plan.symbolic import Counts
from containers.plan.workloads import model_of, module_of, params_of, shared_ranges, workloads_of
from containers.version import suite_version
from workloads.vocabulary import documents
from workloads.vocabulary.command_line import parser_of
from workloads.vocabulary.documents import write_text
from workloads.vocabulary.errors import ConfigError, command
from workloads.vocabulary.plan import Bounds, Cell, Hole, HoleKind, Plan, ProbedKnobs
from workloads.vocabulary.record import FORMAT, KnobValue, Limits, Setting, Timing, identity, written


def make_plan(config: Config, host: Host, contexts: Mapping[str, str], images: Sequence[Declaration] = ()) -> Plan:
    """What the config comes to on a host, given the identity of each image's build context; `images`: the suite's.

    Raises ConfigError for a workload, knob, image, parameter or value that is not known, for a
    baseline that is not among its sweep's settings, and for a sweep without a setting to compare.
    """
    images = images or declarations(own=config.own_image_folders)
    wanted = wanted_images(config, host, images)
    built = {image.name: contexts[image.name] for image in wanted}
    holes = unbuilt(config, host, images, wanted)
    cells: list[Cell] = []
    for name in config.sweeps:
        sweep = _sweep(config, host, name, images)
        if (reason := _hole(config, host, sweep, built, images)) is not None:
            holes.append(Hole(HoleKind.SWEEP, name, reason))
            continue
        contexts = {image: built[image] for image in sweep.images}
        cells += [_cell(config, sweep, workload, contexts, default_image(images)) for workload in sweep.workloads]
    launches = sum(cell.rounds * len(cell.settings) for cell in cells)
    if launches > MOST_LAUNCHES and not config.large:
        raise ConfigError(f"config: it comes to {launches:,} launches", "write `large: true` if that is meant")
    return Plan(
        machine=config.machine or host.slug,
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


@dataclass(frozen=True)
class _Sweep:
    """A sweep of the config as it comes to a host: what its cells share."""

    name: str
    workloads: list[str]
    settings: list[Setting]
    baseline: Setting
    fixed: dict[str, KnobValue]  # the config's own and the sweep's, those that it varies included
    images: dict[str, Declaration]  # those that its launches run in
    presets: dict[str, str]  # names that the config has for settings -> their ids

    @property
    def shared(self) -> dict[str, KnobValue]:
        """The knobs that all its settings share."""
        varied = self.settings[0].resolved.keys()  # all settings of a sweep have the same ones
        return {knob: value for knob, value in self.fixed.items() if knob not in varied}

    @property
    def outside(self) -> list[dict[str, KnobValue]]:
        """The knobs of its settings that run outside a container."""
        return [knobs for knobs in self.knobs if knobs.get("container") is False]

    @property
    def knobs(self) -> list[dict[str, KnobValue]]:
        """All knobs of each setting."""
        return [self.fixed | setting.resolved for setting in self.settings]


def _sweep(config: Config, host: Host, name: str, images: Sequence[Declaration]) -> _Sweep:
    """What a sweep comes to on a host. Raises ConfigError."""
    counts = Counts(cores=len(host.cpus), physical=host.physical_cores)
    workloads = workloads_of(config, name)
    ranges = shared_ranges(config, workloads)
    fixed = resolve_all(config.fixed, counts, "fixed", {})
    fixed |= resolve_all(config.sweeps[name].fixed, counts, f"sweeps.{name}.fixed", ranges)
    made = sweep_settings(name, config.sweeps[name], counts, ranges)
    used = images_of([fixed | setting.resolved for setting in made.settings], name, images)
    sweep = _Sweep(name, workloads, made.settings, made.baseline, fixed, used, made.presets)
    _check_instances(sweep, counts, images)
    return sweep


def _check_instances(sweep: _Sweep, counts: Counts, images: Sequence[Declaration]) -> None:
    """Raises ConfigError where instances would have to share a CPU, or a GPU, which each of them takes whole."""
    several = [knobs for knobs in sweep.knobs if _number(knobs.get("instances")) > 1]
    for knobs in several:
        instances, cpus = _number(knobs.get("instances")), _number(knobs.get("cpus")) or counts.cores
        if instances > cpus:
            raise ConfigError(
                f"config: sweeps.{sweep.name}: {instances} instances cannot have a CPU each of {cpus}",
                "leave such a setting out: name the others under `settings`",
            )
    if any(image.gpu for image in images_of(several, sweep.name, images).values()):
        raise ConfigError(
            f"config: sweeps.{sweep.name}: instances cannot share a GPU, whose memory each of them takes whole",
            "leave out `instances`, or name another `image`",
        )


def _number(value: KnobValue) -> int:
    return int(value) if value is not None else 0


def _hole(
    config: Config, host: Host, sweep: _Sweep, built: Collection[str], images: Sequence[Declaration]
) -> str | None:
    """Why this machine cannot measure a sweep; None if it can. Raises ConfigError for what no machine could."""
    if absent := [image for image in sweep.images if image not in built]:
        return f"it needs image {absent[0]}, which is not built here"
    outside = sweep.outside
    with_gpu = any(image.gpu for image in images_of(outside, sweep.name, images).values())
    if with_gpu or any(knobs.get("cpu_quota") is not None for knobs in outside):
        raise ConfigError(
            f"config: sweeps.{sweep.name}: quota and GPU come from the container engine", "leave out `container: false`"
        )
    if outside and any(config.workloads[workload].model is not None for workload in sweep.workloads):
        raise ConfigError(
            f"config: sweeps.{sweep.name}: a model of your own runs in a container only", "leave out `container`"
        )
    return f"it runs outside the container, and {host.bare_reason}" if outside and host.bare_reason else None


def turned(plan: Plan) -> set[str]:
    """Every knob that a plan turns, with the value, as KNOB=VALUE: what the audit has to look at."""
    return {
        f"{knob}={written(value)}"
        for cell in plan.cells
        for setting in cell.settings
        for knob, value in (cell.fixed | setting.resolved).items()
    }


def _cell(config: Config, sweep: _Sweep, workload: str, contexts: dict[str, str], default_image: str) -> Cell:
    """A workload of a sweep. `contexts`: image -> identity of its build context."""
    asked = config.sweeps[sweep.name]
    entry = config.workloads[workload]
    module = module_of(workload, entry)
    model = model_of(workload, entry)
    limits = config.limits
    timing = Timing(**config.timing.model_dump())
    container = Limits(memory_bytes=int(limits.memory), pids=limits.pids, timeout_s=limits.timeout_s)
    params = params_of(workload, module, entry)
    written_fixed = config.fixed | asked.fixed
    # The launches of a block would share the memory of a GPU, which each of them takes whole.
    turns = asked.turns and not any(image.gpu for image in sweep.images.values())
    # Rounds, question and baseline are left out: what was measured does not depend on them.
    definition = identity(
        {
            "format": FORMAT,
            "sweep": sweep.name,
            "module": module,
            "params": params,
            "settings": sorted(setting.id for setting in sweep.settings),
            "fixed": sweep.shared,
            "timing": asdict(timing),
            "turns": turns,
            "limits": asdict(container),
            "seed": config.seed,
            "contexts": contexts,
            "model": model and model.content,
        }
    )
    return Cell(
        sweep=sweep.name,
        question=asked.question,
        workload=workload,
        module=module,
        params=params,
        settings=sweep.settings,
        baseline=sweep.baseline.id,
        rounds=most_rounds(config, asked),
        definition=definition,
        timing=timing,
        limits=container,
        seed=config.seed,
        fixed=sweep.shared,
        model=model,
        turns=turns,
        default_image=default_image,
        metrics=list(dict.fromkeys(asked.metrics)),
        bounds=_bounds(asked.bounds),
        presets=sweep.presets,
        fixed_as_written={knob: written_fixed[knob] for knob in sweep.shared},
    )


def _bounds(asked: BoundsConfig) -> Bounds | None:
    if asked.p99_ms is None and asked.memory is None:
        return None
    return Bounds(asked.p99_ms and asked.p99_ms / 1e3, asked.memory and int(asked.memory))


def contexts_of(config: Config) -> dict[str, str]:
    """The identity of each image's build context under this config.

    Raises ConfigError for an image of the config's own that is not locked yet.
    """
    own = config.own_image_folders
    return {
        image.name: context_identity(
            image=image.name,
            base=config.base,
            base_image=config.base_image,
            folder=image.folder if image.folder in own else None,
        )
        for image in declarations(own=own)
    }


def versions_taken(config: Config, plan: Plan) -> list[str]:
    """A sentence for each model of which one version of several is taken."""
    taken = {cell.workload: cell.model.path for cell in plan.cells if cell.model is not None}
    return [
        f"workloads.{workload}: of {config.workloads[workload].model} the newest version is taken, {path}"
        for workload, path in taken.items()
        if Path(path) != Path(str(config.workloads[workload].model))
    ]


def write(config_json: str, config_out: Path, out: Path) -> None:
    """Write the plan of a config for this machine, and the config as it was understood. Raises ConfigError."""
    config = validate(json.loads(config_json))
    plan = make_plan(config, this_host(), contexts_of(config))
    for sentence in versions_taken(config, plan):
        say(sentence)
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
