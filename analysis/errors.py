"""What can stop a stage of the analysis: a file that is not what it should be, named in one sentence."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class AnalysisError(Exception):
    """A results folder, or a file in it, that cannot be read; the sentence names the file and the remedy."""


class BundleError(AnalysisError):
    """A bundle that cannot be made, or one that must not be let in; the sentence names the bundle and the file."""


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Give an OSError that does not say which file it is about this one: writing to a full disk does not."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename:
            raise
        raise OSError(error.errno, os.strerror(error.errno), str(path)) from error


def write_text(path: Path, text: str) -> None:
    """Write a file in UTF-8, and its folder where there is none. Raises OSError that names it."""
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def command(function: Callable[[], None]) -> int:
    """Run a command's body; an error of ours becomes one sentence on stderr and exit status 2."""
    try:
        function()
    except AnalysisError as error:
        print(f"threadmark: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        print(f"threadmark: {error.strerror or error}{place}; free space or permissions", file=sys.stderr)
        return 2
    return 0
