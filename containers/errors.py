"""What can stop a run before or between launches, each with a sentence that says what to do.

ThreadmarkError
├── ConfigError    the config, or what it names, is wrong
├── EngineError    no container engine, or one that does not answer
├── ImageError     an image cannot be fetched, built or read
└── RunError       the harness itself cannot go on: no disk, a foreign file in the way

A launch that fails is none of these: it is a record with a status.
"""

from __future__ import annotations

import sys
from collections.abc import Callable


class ThreadmarkError(Exception):
    """Base of all errors that end a command with one sentence: what, where, what to do."""


class ConfigError(ThreadmarkError):
    """The config, or something that it names, is wrong."""


class EngineError(ThreadmarkError):
    """There is no container engine, or it does not answer."""


class ImageError(ThreadmarkError):
    """An image cannot be fetched, built or read."""


class RunError(ThreadmarkError):
    """The harness cannot go on."""


def command(function: Callable[[], None]) -> int:
    """Run a command's body; an error of ours becomes one sentence on stderr and exit status 2."""
    try:
        function()
    except ThreadmarkError as error:
        print(f"threadmark: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        print(
            f"threadmark: {error.strerror or error}{place}; free space or permissions, then run again", file=sys.stderr
        )
        return 2
    return 0
