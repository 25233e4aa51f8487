"""Which of the suite's own files a module runs: Snakemake reruns a rule when one of them changes."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGES = ("analysis", "containers", "workloads")


def sources(root: Path, module: str) -> list[Path]:
    """The file of a module, given as `analysis.tables.tidy`, and of all that it imports of the suite, in order.

    Imports are read from the text, those inside functions too; nothing is run.
    """
    found: set[Path] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if "." in name:  # importing a module runs its package first
            waiting.append(name.rpartition(".")[0])
        path = _file(root, name)
        if path is not None and path not in found:
            found.add(path)
            waiting += imported(path)
    return sorted(found)


def imported(path: Path) -> list[str]:
    """The names of the modules that a file imports; of `from a import b` both `a` and `a.b`."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


def _file(root: Path, module: str) -> Path | None:
    if module.split(".")[0] not in PACKAGES:
        return None
    path = root.joinpath(*module.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None
