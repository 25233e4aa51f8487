"""What comes along with a Python file: modules beside it that it imports, files beside it that it names. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from containers.plan.user_models.error import ModelFileError

MOST_BYTES = 2 * 2**30
_LONGEST_NAME = 255


def with_companions(path: Path) -> dict[str, Path]:
    """The file as ``model.py``, and what it needs of its folder, by paths in that folder.

    Modules are followed through their own imports. A file is named by a text in the code that is its path:
    ``"weights.h5"``. Raises ModelFileError if this is more than MOST_BYTES, or has a second ``model.py``.
    """
    beside = path.parent
    paths: dict[str, Path] = {}
    waiting = [path]
    while waiting:
        file = waiting.pop()
        for companion in _mentioned(file, beside):
            name = companion.relative_to(beside).as_posix()
            if name not in paths and companion != path:
                paths[name] = companion
                waiting += [companion] if companion.suffix == ".py" else []
    if "model.py" in paths:
        raise ModelFileError(
            f"model {path} uses a model.py beside it, a name that is its own in the container", "rename one of the two"
        )
    return within_limit(path, {"model.py": path, **paths})


def within_limit(path: Path, named: dict[str, Path]) -> dict[str, Path]:
    """The files as they are; raises ModelFileError if they are more than may come along."""
    size = sum(file.stat().st_size for file in named.values())
    if size > MOST_BYTES:
        raise ModelFileError(
            f"model {path} and the files with it are {size / 2**30:.1f} GiB, more than {MOST_BYTES // 2**30} GiB",
            "give a folder that holds model.py and only what it needs",
        )
    return named


def _mentioned(file: Path, beside: Path) -> Iterator[Path]:
    """Files in the folder `beside` that a Python file imports or names; none if it cannot be read as Python."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _module(alias.name, beside)
        elif isinstance(node, ast.ImportFrom):
            yield from _module(node.module or "", beside)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _named(node.value, beside)


def _module(name: str, beside: Path) -> Iterator[Path]:
    """The file of a module's first part, or all files of that package."""
    first = name.split(".")[0]
    if not first:
        return
    if (file := beside / f"{first}.py").is_file():
        yield file
    elif (beside / first / "__init__.py").is_file():
        yield from _below(beside / first)


def _named(text: str, beside: Path) -> Iterator[Path]:
    if not text or len(text) > _LONGEST_NAME or "\0" in text or "\n" in text:
        return
    place = beside / text
    if not place.resolve().is_relative_to(beside.resolve()) or ".." in Path(text).parts:
        return
    if place.is_file():
        yield place
    elif (place / "saved_model.pb").is_file():
        yield from _below(place)


def _below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path
