"""Documents as files: read with every field checked, written whole or not at all."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from workloads.vocabulary.documents import write_text
from workloads.vocabulary.errors import RunError

T = TypeVar("T")

LARGEST = 1e18
"""No number of a document is beyond it: sums and squares of what is read stay finite, and whole numbers fit 64 bits."""


def parse(kind: type[T], text: str | bytes, place: str) -> T:
    """A document of workloads.vocabulary.record from its JSON. Raises RunError that names the place."""
    try:
        content = json.loads(text, parse_constant=_bounded, parse_float=_bounded, parse_int=_whole)
        return TypeAdapter(kind).validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RunError(f"{place} is no valid {kind.__name__.lower()}: {where}: {first['msg']}") from None
    except ValueError as error:
        raise RunError(f"{place} is no valid {kind.__name__.lower()}: {error}") from None


def _bounded(number: str) -> float:
    """The number, if it can be one of ours: Python reads NaN, 1e999 and 1e300 without complaint."""
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"{number} is not finite")
    if abs(value) > LARGEST:
        raise ValueError(f"{number} is larger than anything that is measured here")
    return value


def _whole(number: str) -> int:
    _bounded(number)
    return int(number)


def read(kind: type[T], path: Path) -> T:
    """The document in a file. Raises RunError if it is missing or does not validate."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        raise RunError(f"{path} is missing", "run `snakemake --cores 1`, which makes it") from None
    return parse(kind, text, str(path))


def write(path: Path, document: Any) -> None:
    """Write a document, readable and in one step: a reader sees the old file or the whole new one."""
    write_text(path, json.dumps(asdict(document), indent=1, allow_nan=False) + "\n")
