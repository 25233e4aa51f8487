"""A test of odd input that goes on for a minute, or as long as FUZZ_SECONDS says, with new examples each time.

What once failed is kept in corpus/ and tried first. What fails anew comes into .hypothesis/, to be copied there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.database import DirectoryBasedExampleDatabase, MultiplexedDatabase, ReadOnlyDatabase

SECONDS = float(os.environ.get("FUZZ_SECONDS", "60"))
_CORPUS = ReadOnlyDatabase(DirectoryBasedExampleDatabase(Path(__file__).parent / "corpus"))
_FAILED = MultiplexedDatabase(_CORPUS, DirectoryBasedExampleDatabase(Path(".hypothesis") / "failed"))
_MOST = 10**6

_settings = settings(
    max_examples=_MOST,
    deadline=None,
    database=_FAILED,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


class TimeIsUp(BaseException):
    """Ends the generation of examples; it says nothing of the last one."""


def for_a_minute(test: Callable[..., Any]) -> Callable[[], None]:
    """Run a `given` test until the time is up; it fails as soon as an example does."""
    inner = test.hypothesis.inner_test  # type: ignore[attr-defined]

    def run() -> None:
        end, tried = time.monotonic() + SECONDS, 0

        def until_then(*arguments: Any, **named: Any) -> None:
            nonlocal tried
            if time.monotonic() > end:
                raise TimeIsUp
            tried += 1
            inner(*arguments, **named)

        test.hypothesis.inner_test = until_then  # type: ignore[attr-defined]
        with suppress(TimeIsUp):
            _settings(test)()
        print(f"{tried} examples in {SECONDS:g} s")
        assert tried > SECONDS  # fewer than one a second look at nothing

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run
