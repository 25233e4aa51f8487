"""A workload and as much of TensorFlow as the worker speaks to, for tests without TensorFlow."""

import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.harness.contract import Parameters, Workload, whole
from workloads.vocabulary.record import Check, Work


@dataclass(frozen=True)
class Params(Parameters):
    """Sizes of the workload made up here."""

    n: int = whole(1, 1, 9)


class Traced:
    """A tf.function that is traced anew in each of its first `traces` calls."""

    def __init__(self, traces: int = 1) -> None:
        self.calls = 0
        self.traces = traces

    def __call__(self) -> int:
        """Give the number of the call."""
        self.calls += 1
        return self.calls

    def experimental_get_tracing_count(self) -> int:
        """As of TensorFlow's own."""
        return min(self.calls, self.traces)


PASSED = Check(True, 0.0, 0.1, "none")


def made_up(
    call: Callable[[], Any],
    check_first: Callable[[Any], Check] = lambda _: PASSED,
    check_last: Callable[[Any], Check] = lambda _: PASSED,
    work: Work = Work(1.0, "FLOP"),  # noqa: B008 - it is frozen
) -> Any:
    """A workload's module."""

    def build(params: Params, rng: np.random.Generator) -> Workload:
        traced = call if isinstance(call, Traced) else None
        return Workload(call, work, check_first, check_last, traced)

    return types.SimpleNamespace(Params=Params, build=build)


class TensorFlow(types.ModuleType):
    """As much of TensorFlow as the worker itself speaks to."""

    __version__ = "0"

    def __init__(self, devices: list[str]) -> None:
        super().__init__("tensorflow")
        self.set: dict[str, int] = {}
        self.syncs = 0
        self.config = types.SimpleNamespace(
            threading=types.SimpleNamespace(
                set_intra_op_parallelism_threads=lambda n: self.set.update(intra=n),
                set_inter_op_parallelism_threads=lambda n: self.set.update(inter=n),
            ),
            list_logical_devices=lambda: [types.SimpleNamespace(name=name) for name in devices],
        )
        self.test = types.SimpleNamespace(experimental=types.SimpleNamespace(sync_devices=self.sync))

    def sync(self) -> None:
        """Count instead of waiting."""
        self.syncs += 1
