"""Which of the suite's own files a module runs: Snakemake reruns a rule when one of them changes."""

import ast
from pathlib import Path

PACKAGES = ("analysis", "containers", "workloads")


def sources(root: Path, *modules: str) -> list[Path]:
    """The files of modules, given as `analysis.tables.tidy`, and of all that they import of the suite, in order.

    Imports are read from the text, those inside functions too; nothing is run.
    """
    files: set[Path] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if "." in name:  # importing a module runs its package first
            waiting.append(name.rpartition(".")[0])
        path = _file(root, name)
        if path is not None and path not in files:
            files.add(path)
            waiting += imported(path, name if path.name == "__init__.py" else name.rpartition(".")[0])
    return sorted(files)


def imported(path: Path, package: str = "") -> list[str]:
    """The names of the modules that a file of `package` imports; of `from a import b` both `a` and `a.b`."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = _absolute(node, package)
            names += [module, *(f"{module}.{alias.name}" for alias in node.names)]
    return names


def _absolute(node: ast.ImportFrom, package: str) -> str:
    """The module of `from MODULE import`, relative ones (`from . import`, `from .parts import`) as well."""
    if not node.level:
        return node.module or ""
    parent = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parent, *([node.module] if node.module else [])])


def _file(root: Path, module: str) -> Path | None:
    if module.split(".")[0] not in PACKAGES:
        return None
    path = root.joinpath(*module.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None
