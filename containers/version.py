"""The suite's version, which pyproject.toml alone says: the suite runs from its checkout and is not installed."""

import tomllib
from pathlib import Path

_PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def suite_version() -> str:
    """The version of this checkout."""
    return str(tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["version"])
