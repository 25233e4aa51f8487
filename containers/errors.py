"""What can stop a run before or between launches, each with a sentence that says what to do.

ThreadmarkError
├── ConfigError    the config, or what it names, is wrong
├── EngineError    no container engine, or one that does not answer
│   └── EngineGoneError    it did answer, and stopped: it may come back
├── ImageError     an image cannot be fetched, built or read
└── RunError       the harness itself cannot go on: no disk, a foreign file in the way

A launch that fails is none of these: it is a record with a status.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class ThreadmarkError(Exception):
    """Base of all errors that end a command with one sentence: what, where, what to do."""


class ConfigError(ThreadmarkError):
    """The config, or something that it names, is wrong."""


class EngineError(ThreadmarkError):
    """There is no container engine, or it does not answer."""


class EngineGoneError(EngineError):
    """The engine stopped answering in the middle of something; it may come back."""


class ImageError(ThreadmarkError):
    """An image cannot be fetched, built or read."""


class RunError(ThreadmarkError):
    """The harness cannot go on."""


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Give an OSError that does not say which file it is about this one: writing to a full disk does not."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename:
            raise
        raise OSError(error.errno, os.strerror(error.errno), str(path)) from error


def _to_stderr(text: str) -> None:
    print(text, file=sys.stderr)


def command(function: Callable[[], None], tell: Callable[[str], None] = _to_stderr) -> int:
    """Run a command's body; an error of ours becomes one sentence, on stderr if not told elsewhere, and status 2."""
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
