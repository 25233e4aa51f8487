"""How each workload is tested in the image: one file a workload, of the same name and room. It holds

``SMALL``   parameters with which a call takes milliseconds
``GROWTH``  two sets of parameters, the second with eight times the work of the first
``WRONG``   faults, each a line of Python that runs after ``import tensorflow as tf`` and before the
            workload is built; the workload's output check must then fail
``FAULTY``  true where the workload itself is wrong on purpose: its own check must fail (left out: false)
``FORMS``   further sets of parameters whose output must pass, such as each precision (left out: none)
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from workloads.harness.contract import find, known

Values = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """What a workload's file here says."""

    small: Values
    growth: tuple[Values, Values]
    wrong: list[str]
    faulty: bool
    forms: list[Values]


def case(name: str) -> Case:
    """The test case of a workload; raises ModuleNotFoundError if nobody has written one."""
    module = importlib.import_module(find(name).__name__.replace("workloads.", "tests.made.workload_cases.", 1))
    return Case(
        module.SMALL, module.GROWTH, module.WRONG, getattr(module, "FAULTY", False), getattr(module, "FORMS", [])
    )


def cases() -> dict[str, Case]:
    """The test case of every workload that there is."""
    return {name: case(name) for name in known()}
