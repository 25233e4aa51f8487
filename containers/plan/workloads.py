"""The workloads of a config: their modules, parameters and models."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from containers.plan.config import Config, WorkloadConfig
from containers.plan.symbolic import Ranges
from containers.plan.user_models.description import describe as describe_model
from workloads.harness.contract import find
from workloads.vocabulary.errors import ConfigError
from workloads.vocabulary.nearest import nearest
from workloads.vocabulary.plan import UserModel


def workloads_of(config: Config, name: str) -> list[str]:
    """The workloads of a sweep, each once. Raises ConfigError for one that the config does not have."""
    sweep = config.sweeps[name]
    for workload in sweep.workloads:
        if workload not in config.workloads:
            raise ConfigError(
                f"config: sweeps.{name}.workloads: unknown workload {workload!r}",
                nearest(workload, list(config.workloads)),
            )
    return list(dict.fromkeys(sweep.workloads))


def shared_ranges(config: Config, workloads: list[str]) -> Ranges:
    """The parameters that all these workloads have, and what each of them allows."""
    params = [find(module_of(workload, config.workloads[workload])).Params for workload in workloads]
    shared = [name for name in asdict(params[0]()) if all(each.range(name) is not None for each in params)]
    return {name: [allowed for each in params if (allowed := each.range(name)) is not None] for name in shared}


def module_of(workload: str, entry: WorkloadConfig) -> str:
    """The name of a workload's module. Raises ConfigError if there is no such module."""
    module = "user_model" if entry.model is not None else entry.module or workload
    try:
        find(module)
    except ValueError as error:
        raise ConfigError(f"config: workloads.{workload}: {error}") from None
    return module


def model_of(workload: str, entry: WorkloadConfig) -> UserModel | None:
    """The user's own model, by its content; None if the workload is one of the suite's. Raises ConfigError."""
    if entry.model is None:
        if entry.inputs is not None or entry.signature is not None or module_of(workload, entry) == "user_model":
            raise ConfigError(f"config: workloads.{workload}: give it a `model`, the path of your own model")
        return None
    if entry.module not in (None, "user_model"):
        raise ConfigError(f"config: workloads.{workload}: it has a `model` and a `module`", "leave one out")
    return describe_model(workload, Path(entry.model), None if entry.inputs is None else Path(entry.inputs))


def params_of(workload: str, module: str, entry: WorkloadConfig) -> dict[str, Any]:
    """All parameters of a workload, checked by its own Params and with its defaults filled in."""
    signature = {} if entry.signature is None else {"signature": entry.signature}
    try:
        return asdict(find(module).Params.of(entry.params | signature))
    except ValueError as error:
        raise ConfigError(f"config: workloads.{workload}: {error}") from None
