"""A recommendation as files that can be pasted: for Docker, Python, TensorFlow Serving and Kubernetes. Pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from analysis.recommendations.names import FOLDER, SUFFIXES
from workloads.vocabulary.applied import Applied, apply
from workloads.vocabulary.cpu_parts import parts_of
from workloads.vocabulary.knobs import equivalent_variable
from workloads.vocabulary.mounted import MOUNTED
from workloads.vocabulary.plan import Cell, Plan, image_of
from workloads.vocabulary.record import Case, KnobValue, Setting, written

# Knob -> flag of tensorflow_model_server.
_FLAGS = {"intra_op": "tensorflow_intra_op_parallelism", "inter_op": "tensorflow_inter_op_parallelism"}


@dataclass(frozen=True)
class Usable:
    """A cell's recommended setting, to be written down in the words of each tool."""

    plan: Plan
    cell: Cell
    setting: Setting
    name: str  # the stem of its files
    cpus: list[int]  # that launches had
    words: str  # what it gains, and the reason

    @property
    def files(self) -> dict[str, str]:
        """Suffix -> content, in the order of SUFFIXES."""
        made: Mapping[str, Callable[[], str]] = {
            ".env": self._environment,
            ".sh": self._docker,
            ".py": self._python,
            ".serving": self._serving,
            ".kubernetes.yaml": self._kubernetes,
            ".taskset.sh": self._taskset,
        }
        return {suffix: made[suffix]() for suffix in SUFFIXES}

    @property
    def _resolved(self) -> dict[str, KnobValue]:
        return {knob: value for knob, value in (self.cell.fixed | self.setting.resolved).items() if value is not None}

    @property
    def _applied(self) -> Applied:
        return apply(self._resolved)

    @property
    def variables(self) -> dict[str, str]:
        """What environment variables can set, those of the thread pools included."""
        variables = {name: str(value) for knob, value in self._resolved.items() if (name := equivalent_variable(knob))}
        return {**variables, **self._applied.environment}

    @property
    def others(self) -> dict[str, KnobValue]:
        """What no variable sets."""
        return {
            knob: value
            for knob, value in self._resolved.items()
            if equivalent_variable(knob) is None and knob != "allocator"
        }

    def _environment(self) -> str:
        lines = [
            f"# {self.words}",
            *(f"# and, which no variable sets: {knob}={written(value)}" for knob, value in self.others.items()),
            *(f"{name}={value}" for name, value in self.variables.items()),
        ]
        return "\n".join(lines) + "\n"

    def _docker(self) -> str:
        """A command that times the cell's workload in this setting, from the machine's folder."""
        image, applied = image_of(self.cell, self.setting), self._applied
        params = self.cell.params | applied.params
        case = Case(
            *(self.cell.module, params, None, None, self.cell.timing, self.cell.seed),
            instances=applied.instances,
            concurrency=applied.concurrency,
        )
        options = ["--rm", "--network none", "--read-only", "--tmpfs /tmp"]
        limits = self.cell.limits.of_instances(applied.instances)
        options += [f"--memory {limits.memory_bytes}", f"--pids-limit {limits.pids}"]
        options.append(f"--cpuset-cpus {_listed(self.cpus[: applied.cpus])}")
        if applied.cpu_quota is not None:
            options.append(f"--cpus {applied.cpu_quota / 100:g}")
        if self.cell.model is not None:
            options.append(f"--mount type=volume,source={self.cell.model.volume},target={MOUNTED},readonly")
        options.append(f"--env-file {FOLDER}/{self.name}.env")
        words = f"threadmark/{image}:{self.plan.images[image]} python3 -m workloads.harness.timed_run"
        return (
            f"#!/bin/sh\n# {self.words}\n# From the machine's folder: times {self.cell.workload} in this setting.\n"
            f"docker run {' '.join(options)} \\\n  {words} \\\n  '{json.dumps(asdict(case))}'\n"
        )

    def _python(self) -> str:
        applied = self._applied
        variables = {name: value for name, value in applied.environment.items() if name != "LD_PRELOAD"}
        lines = [f"# {self.words}"]
        if preload := applied.environment.get("LD_PRELOAD"):
            lines.append(f"# Start Python with LD_PRELOAD={Path(preload).name}: an allocator cannot be changed later.")
        if variables:
            lines += ["import os", "", "# Before TensorFlow is imported.", f"os.environ.update({variables!r})", ""]
        lines += ["import tensorflow as tf", ""]
        if applied.intra_op is not None:
            lines.append(f"tf.config.threading.set_intra_op_parallelism_threads({applied.intra_op})")
        if applied.inter_op is not None:
            lines.append(f"tf.config.threading.set_inter_op_parallelism_threads({applied.inter_op})")
        return "\n".join(lines).rstrip() + "\n"

    def _serving(self) -> str:
        """Flags of tensorflow_model_server, one a line, after the variables that it is to be started with."""
        environment = self._applied.environment
        flags = [f"--{_FLAGS[knob]}={self._resolved[knob]}" for knob in _FLAGS if knob in self._resolved]
        lines = [f"# {self.words}", *(f"# environment: {name}={value}" for name, value in environment.items()), *flags]
        return "\n".join(lines) + "\n"

    def _kubernetes(self) -> str:
        """A pod's container with what the setting needs; image and command are the user's own."""
        applied = self._applied
        limits: dict[str, Any] = {"memory": str(self.cell.limits.memory_bytes)}
        if applied.instances > 1:
            limits["cpu"] = str(len(self.cpus) // applied.instances)
        elif applied.cpus is not None:
            limits["cpu"] = str(applied.cpus)
        if applied.cpu_quota is not None:
            limits["cpu"] = f"{10 * applied.cpu_quota}m"
        container = {
            "name": "model",
            "image": "YOUR-IMAGE",
            "env": [{"name": name, "value": value} for name, value in self.variables.items()],
            "resources": {"limits": limits, "requests": dict(limits)},
        }
        replicas = {"replicas": applied.instances} if applied.instances > 1 else {}
        return f"# {self.words}\n" + yaml.safe_dump({**replicas, "containers": [container]}, sort_keys=False)

    def _taskset(self) -> str:
        """A line for each instance, on its own part of the CPUs; what it runs is the user's own."""
        environment = [f"{name}={shlex.quote(value)}" for name, value in self.variables.items()]
        parts = parts_of(self.cpus[: self._applied.cpus], self._applied.instances)
        return "\n".join(
            [
                *("#!/bin/sh", f"# {self.words}", '# Runs "$@" once for each instance, on a part of the CPUs each.'),
                *(" ".join(["taskset --cpu-list", _listed(part), "env", *environment, '"$@" &']) for part in parts),
                "wait\n",
            ]
        )


def _listed(cpus: Sequence[int]) -> str:
    return ",".join(str(cpu) for cpu in cpus)
