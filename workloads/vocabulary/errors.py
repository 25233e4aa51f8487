"""What can stop a command, each error with a sentence that says what happened and one that says what to do.

ThreadmarkError
├── ConfigError    the config, or what it names, is wrong
├── EngineError    no container engine, or one that does not answer
│   └── EngineGoneError    it did answer, and stopped: it may come back
├── ImageError     an image cannot be fetched, built or read
├── RunError       the harness itself cannot go on: no disk, a foreign file in the way
└── AnalysisError  a results folder, or a file in it, is not what it should be
    ├── DocumentError  a document is missing, or its fields are not what they should be
    └── BundleError    a bundle cannot be made, or must not be let in

A launch that fails is none of these: it is a record with a status.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_MOST, _END = 340, 60  # letters of an error about a config, and of its end where what it quotes is longer


class ThreadmarkError(Exception):
    """Base of all errors that end a command with one sentence."""

    def __init__(self, what: str, remedy: str | None = None) -> None:
        """`what` happened and where; `remedy`: what the user can do, where there is something."""
        super().__init__(what, remedy)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        """Both in one sentence."""
        return self.what if self.remedy is None else f"{self.what}; {self.remedy}"


class ConfigError(ThreadmarkError):
    """The config, or something that it names, is wrong.

    What it quotes of a config may be of any length: of a long sentence the beginning and the end stay.
    """

    def __init__(self, what: str, remedy: str | None = None) -> None:
        """`what` is wrong and where; `remedy`: what the user can do, where there is something."""
        most = _MOST - len(remedy or "")
        if len(what) > most:
            what = f"{what[: most - _END]} … {what[-_END:]}"
        super().__init__(what, remedy)


class EngineError(ThreadmarkError):
    """There is no container engine, or it does not answer."""


class EngineGoneError(EngineError):
    """The engine stopped answering in the middle of something; it may come back."""


class ImageError(ThreadmarkError):
    """An image cannot be fetched, built or read."""


class RunError(ThreadmarkError):
    """The harness cannot go on."""


class AnalysisError(ThreadmarkError):
    """A results folder, or a file in it, cannot be read; the sentence names the file."""


class DocumentError(AnalysisError):
    """A document is missing, or its fields are not what they should be; the sentence names the file."""


class BundleError(AnalysisError):
    """A bundle cannot be made, or must not be let in; the sentence names the bundle and the file."""


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Name `path` in an OSError that names no file: one of writing to a full disk does not."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename:
            raise
        raise OSError(error.errno, os.strerror(error.errno), str(path)) from error


def _to_stderr(text: str) -> None:
    print(text, file=sys.stderr)


def command(function: Callable[[], None], tell: Callable[[str], None] = _to_stderr) -> int:
    """Run a command's body and return its exit status, 0.

    A ThreadmarkError or an OSError becomes one sentence, on stderr if not told elsewhere, and status 2.
    """
    try:
        function()
    except ThreadmarkError as error:
        tell(f"threadmark: {error}")
        return 2
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        tell(f"threadmark: {error.strerror or error}{place}; free space or permissions, then run again")
        return 2
    return 0
