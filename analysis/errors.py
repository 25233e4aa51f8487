"""What can stop a stage of the analysis: a file that is not what it should be, named in one sentence."""

from __future__ import annotations

import sys
from collections.abc import Callable


class AnalysisError(Exception):
    """A results folder, or a file in it, that cannot be read; the sentence names the file and the remedy."""


class BundleError(AnalysisError):
    """A bundle that cannot be made, or one that must not be let in; the sentence names the bundle and the file."""


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
