"""Documents as files: JSON that is read with every field checked, and files that are written whole or not at all.

The documents are the dataclasses of record, plan and inventory.
"""

import json
import os
import re
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from workloads.vocabulary.errors import DocumentError, naming
from workloads.vocabulary.older_formats import is_newer, is_older, upgraded
from workloads.vocabulary.record import FORMAT

T = TypeVar("T")

# No number of a document is beyond it: sums and squares of what is read stay finite, and whole numbers fit 64 bits.
LARGEST = 10**18

RESTORE = "restore the file as it was measured"
_MOST_WORDS = 200  # characters of a number or a reason that an error shows


def read(kind: type[T], path: Path) -> T:
    """The document in a file, its numbers bounded. Raises DocumentError, which names the file."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        raise DocumentError(
            f"{path} is missing", "run `snakemake --cores 1` to make it, or name another --results"
        ) from None
    return parse(kind, text, str(path), RESTORE)


def parse(kind: type[T], text: str | bytes, place: str, remedy: str | None = None) -> T:
    """A document from its JSON, the numbers bounded. Raises DocumentError, which names `place`."""
    check_numbers(text, place, remedy, kind.__name__.lower())
    return parse_checked(kind, text, place, remedy)


def check_numbers(text: str | bytes, place: str, remedy: str | None = None, kind: str = "JSON") -> None:
    """Raises DocumentError for a number beyond LARGEST, and for what is no JSON and so no document of its `kind`.

    Python's readers take NaN, 1e999, and whole numbers of any length.
    """

    def whole(number: str) -> int:
        if abs(value := int(number)) <= LARGEST:
            return value
        raise DocumentError(f"{place} is no valid {kind}: {short(number)} is no number that was measured", remedy)

    def real(number: str) -> float:
        if abs(value := float(number)) <= LARGEST:  # which no NaN is
            return value
        raise DocumentError(f"{place} is no valid {kind}: {short(number)} is no number that was measured", remedy)

    try:
        json.loads(text, parse_constant=real, parse_float=real, parse_int=whole)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"{place} is no valid {kind} ({short(error)})", remedy) from None


def parse_checked(kind: type[T], text: str | bytes, place: str, remedy: str | None = None) -> T:
    """A document from JSON whose numbers `check_numbers` has seen: that takes as long again. Raises DocumentError.

    One of an older format comes in today's.
    """
    adapter = _adapter(cast(Any, kind))
    try:
        # Today's form fits an older document nowhere, and to tell each place takes longer than to read it.
        older = _content(text) if _ends_as_older(text) else None
        document: T = adapter.validate_json(text) if older is None else adapter.validate_python(upgraded(older))
    except ValidationError as error:
        content = _content(text)
        # A document of another format need not fit this one's fields: its format is then the better reason.
        _refuse_newer(content, place)
        mistakes = error
        if is_older(content):
            try:
                return cast(T, adapter.validate_python(upgraded(content)))
            except ValidationError as of_older:
                mistakes = of_older
        first = mistakes.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "document"
        message = str(first["msg"]).removeprefix("Value error, ")
        raise DocumentError(f"{place} is no valid {kind.__name__.lower()}: {field}: {message}", remedy) from None
    _refuse_newer({"format": getattr(document, "format", FORMAT)}, place)
    return document


def _ends_as_older(text: str | bytes) -> bool:
    """Whether the last key of a document is a format of before today's, as the suite writes it."""
    end = text[-40:] if isinstance(text, str) else text[-40:].decode("utf-8", "replace")
    stated = re.search(r'"format": ?(\d+)\s*\}\s*$', end)
    return stated is not None and int(stated[1]) < FORMAT


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _content(text: str | bytes) -> object:
    try:
        return from_json(text)
    except ValueError:
        return None


def _refuse_newer(content: object, place: str) -> None:
    if is_newer(content):
        stated = content.get("format") if isinstance(content, dict) else None
        reason = f"{place}: format {short(stated)}, and this version reads up to {FORMAT}"
        raise DocumentError(reason, "use the suite that wrote it")


def short(reason: object) -> str:
    """A reason as one line of bounded length: a stranger's file can hold a number of a million digits."""
    words = " ".join(str(reason).split())
    return words if len(words) < _MOST_WORDS else f"{words[: _MOST_WORDS - 3]}..."


def write(path: Path, document: Any) -> None:
    """Write a document, readable, as `write_text` does."""
    write_text(path, json.dumps(asdict(document), indent=1, allow_nan=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8 in one step, and its folder where there is none: a reader sees the old file or the new one.

    The next writing takes over what a crash leaves behind. Raises OSError that names the file.
    """
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file as `write_text` does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".writing")
    with naming(path), temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
