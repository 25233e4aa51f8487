"""A round's log: all that the runner says on the terminal, and beside it what each container said.

The terminal gets the first only. A fault of the harness is in the log with its traceback.
"""

from __future__ import annotations

import logging
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from containers.launch.outcome import Ending

_COLUMNS = 400


def keep(path: Path) -> None:
    """From now on, write what the loggers say to standard error and, with the time in UTC, to `path` too.

    Snakemake removes a job's log before the job runs again. A second name of the same file, with a dot before it, keeps
    what a round that was stopped said until then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = path.with_name(f".{path.name}")
    terminal = logging.StreamHandler()
    terminal.setLevel(logging.INFO)
    terminal.setFormatter(logging.Formatter("%(message)s"))
    file = logging.FileHandler(kept)
    path.unlink(missing_ok=True)
    with suppress(OSError):  # a file system without second names
        path.hardlink_to(kept)
    dated = logging.Formatter("%(asctime)sZ %(message)s", "%Y-%m-%dT%H:%M:%S")
    dated.converter = time.gmtime
    file.setFormatter(dated)
    logging.basicConfig(level=logging.INFO, handlers=[terminal, file])
    logging.getLogger("threadmark").setLevel(logging.DEBUG)  # of libraries, warnings are enough
    logging.raiseExceptions = False  # a line that the disk has no room for is no fault: the next record will tell
    sys.excepthook = _fault


def words(ending: Ending) -> str:
    """How a launch ended and what it said: the engine's words, then the last lines of the container's stderr."""
    how = "refused by the engine" if ending.refused is not None else f"exit status {ending.exit_code}"
    how += ", at its memory limit" if ending.out_of_memory else ", after its time" if ending.timed_out else ""
    how += f", after an answer that was not asked for: {ending.nonsense}" if ending.nonsense is not None else ""
    said = ending.stderr.decode(errors="replace").splitlines()
    lines = [*([f"engine: {ending.refused}"] if ending.refused else []), *(f"container: {line}" for line in said)]
    return "\n    ".join([how, *(line[:_COLUMNS] for line in lines)])


def _fault(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("threadmark").critical("a fault of the harness", exc_info=(kind, error, trace))
