"""The parameter `jit_compile` means one thing in all workloads."""

from __future__ import annotations

import ast
import inspect
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from workloads import ROOMS
from workloads.harness.contract import find, known
from workloads.parts.graphs import compiled

WORKLOADS = Path(__file__).parents[4] / "workloads"


@pytest.mark.parametrize(("jit_compile", "asked"), [(True, True), (False, None)])
def test_false_leaves_the_choice_to_tf_xla_flags(
    jit_compile: bool, asked: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tensorflow = SimpleNamespace(function=lambda function, *, jit_compile: (function, jit_compile))
    monkeypatch.setitem(sys.modules, "tensorflow", tensorflow)
    assert compiled(len, jit_compile) == (len, asked)


def keywords(path: Path) -> set[str]:
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return {keyword.arg for call in calls for keyword in call.keywords if keyword.arg}


def test_no_workload_and_no_part_asks_xla_past_this_function() -> None:
    modules = [path for room in (*ROOMS, "parts") for path in WORKLOADS.glob(f"{room}/*.py")]
    assert [path.name for path in modules if "jit_compile" in keywords(path)] == ["graphs.py"]


@pytest.mark.parametrize("name", [name for name in known() if find(name).Params.range("jit_compile")])
def test_a_workload_with_the_parameter_uses_it(name: str) -> None:
    source = inspect.getsource(find(name))  # type: ignore[arg-type]
    assert "params.jit_compile" in source
    # The other two are of workloads.parts.keras_models and workloads.parts.user_models.calls.
    assert any(name in source for name in ("compiled(", "classifier(", "way_of("))
