"""What a workload is. One file of `workloads.ROOMS` is one workload, found by its name; it holds

``Params``   a frozen dataclass derived from `Parameters`: each field has a range and a default
             that suits two CPUs. The host checks a config with it, where TensorFlow is not
             installed: import tensorflow inside ``build``, never at the top of the file.
``build``    ``(params, rng) -> Workload``: inputs drawn from `rng` (NumPy's, so that a seed means
             the same on every device and version), TensorFlow's context already started.

and a docstring that says what the workload measures, the work of one call as a formula, and what
its output is held against.
"""

import importlib
import math
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, Protocol, Self, cast

import numpy as np

import workloads
from workloads.vocabulary.model_facts import ModelFacts
from workloads.vocabulary.nearest import nearest
from workloads.vocabulary.record import Check, Work


@dataclass(frozen=True)
class Workload:
    """A computation that is ready to be timed.

    The first call starts from the state that ``build`` left; its output goes to `check_first`. The
    last call's output goes to `check_last`. What a call computes must reach its output, or
    TensorFlow prunes it; what differs in meaning must differ in value, or TensorFlow merges it.
    """

    call: Callable[[], Any]  # one timed repetition; gives its output
    work: Work  # of one call
    check_first: Callable[[Any], Check]  # the first call's output against the reference
    check_last: Callable[[Any], Check]  # the last call's output; the same function where calls are alike
    traced: Any | None  # the tf.function whose traces are counted; None where the call is eager
    model: ModelFacts | None = None  # what a user's model was found to be
    metric: Literal["throughput", "latency"] = "throughput"  # latency: each sample is one call, so that tails are seen


@dataclass(frozen=True)
class Whole:
    """The range of a whole number, ends included."""

    low: int
    high: int

    def holds(self, value: object) -> bool:
        """Whether `value` is one of them; True is an int to Python, and no size to anybody."""
        return type(value) is int and self.low <= value <= self.high

    def __str__(self) -> str:
        return f"a whole number from {self.low} to {self.high}"


@dataclass(frozen=True)
class Choice:
    """A few values that are allowed."""

    values: tuple[str | bool | int, ...]

    def holds(self, value: object) -> bool:
        """Whether `value` is one of them, of the same type: 1 is not true."""
        return any(value == allowed and type(value) is type(allowed) for allowed in self.values)

    def __str__(self) -> str:
        return f"one of {', '.join(str(value) for value in self.values)}"


@dataclass(frozen=True)
class Text:
    """A name that only the workload's own subject knows."""

    def holds(self, value: object) -> bool:
        """Whether `value` is a text."""
        return isinstance(value, str)

    def __str__(self) -> str:
        return "a text"


def whole(default: int, low: int, high: int) -> Any:
    """A dataclass field for a whole number from `low` to `high`."""
    return field(default=default, metadata={"range": Whole(low, high)})


def choice(default: str | bool | int, *others: str | bool | int) -> Any:
    """A dataclass field for one of a few values, `default` among them."""
    return field(default=default, metadata={"range": Choice((default, *others))})


def text(default: str) -> Any:
    """A dataclass field for any text."""
    return field(default=default, metadata={"range": Text()})


@dataclass(frozen=True)
class Parameters:
    """Base of every workload's ``Params``; raises ValueError for a value that is not allowed.

    A sweep may vary any of them: a parameter is a knob that the workload itself applies.
    """

    def __post_init__(self) -> None:
        for parameter in fields(self):
            allowed: Whole | Choice | Text = parameter.metadata["range"]
            value = getattr(self, parameter.name)
            if not allowed.holds(value):
                raise ValueError(f"{parameter.name}: {value!r} is not {allowed}")

    @classmethod
    def range(cls, name: str) -> Whole | Choice | Text | None:
        """What a parameter may be; None if there is no such parameter."""
        ranges: dict[str, Whole | Choice | Text] = {field.name: field.metadata["range"] for field in fields(cls)}
        return ranges.get(name)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """The parameters as a config gives them; raises ValueError for an unknown name or a bad value."""
        known = [parameter.name for parameter in fields(cls)]
        for name in values:
            if name not in known:
                raise ValueError(f"{name}: no such parameter; {nearest(name, known)}")
        return cls(**values)


class Module(Protocol):
    """What a workload's file holds."""

    Params: type[Parameters]

    def build(self, params: Any, rng: np.random.Generator) -> Workload:
        """The workload, its inputs in place."""


def find(name: str) -> Module:
    """The workload's module, by the name of its file; raises ValueError if there is none."""
    path = _paths().get(name)
    if path is None or not _is_workload(module := importlib.import_module(path)):
        raise ValueError(f"{name}: no such workload; {nearest(name, known())}")
    return cast(Module, module)


def known() -> list[str]:
    """The names of all workloads, sorted; imports each one's module, not TensorFlow."""
    return [name for name, path in _paths().items() if _is_workload(importlib.import_module(path))]


def _paths() -> dict[str, str]:
    """The module's path for each workload's name, sorted."""
    paths: dict[str, str] = {}
    for room in workloads.ROOMS:
        package = importlib.import_module(f"workloads.{room}")
        paths |= {file.name: f"{package.__name__}.{file.name}" for file in pkgutil.iter_modules(package.__path__)}
    return dict(sorted(paths.items()))


def _is_workload(module: object) -> bool:
    return hasattr(module, "Params") and hasattr(module, "build")


def tolerance(products: int) -> float:
    """The relative error to allow after so many matrix products or convolutions in a row.

    Reduced precision is a knob of this suite and its error a result, so it must pass: rounding the inputs
    of one product to BF16 gives an error of 2.4e-3 in the Euclidean norm, and errors of several add up like
    independent ones. What is wrong must fail: each workload says what its least fault comes to.
    """
    return 6e-3 * math.sqrt(products)


def compare(output: Any, reference: Any, allowed: float, what: str) -> Check:
    """Hold `output` against `reference`: passed if ‖output - reference‖ ≤ `allowed` · ‖reference‖ (Euclidean).

    Both are arrays of one shape, any shape; `what` names the reference. Differences of shape and
    values that are not finite fail with the error None.
    """
    got, wanted = np.asarray(output, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    if got.shape != wanted.shape or not np.isfinite(got).all():
        return Check(passed=False, error=None, tolerance=allowed, reference=what)
    # A reference of nothing but zeros has no scale: the error is then absolute.
    error = float(np.linalg.norm(got - wanted) / (np.linalg.norm(wanted) or 1.0))
    return Check(passed=error <= allowed, error=error, tolerance=allowed, reference=what)


def worst(*checks: Check) -> Check:
    """The check that says most against the workload: the first that failed, else the one with the largest error."""
    for check in checks:
        if not check.passed:
            return check
    return max(checks, key=lambda check: check.error or 0.0)
