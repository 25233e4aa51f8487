"""A round's log holds what the terminal shows, and the words of engine and container beside it."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from containers.launch.outcome import Ending
from containers.rounds import log as round_log

OK = Ending(0, False, False, None, b"{}", None, b"")


def ended(code: int | None, stderr: bytes = b"", **changes: Any) -> Ending:
    return replace(OK, exit_code=code, measurement=None, stderr=stderr, **changes)


SPEAKS = """
import logging, sys
from pathlib import Path
from containers.rounds import log as round_log
from workloads.vocabulary.errors import RunError, command

round_log.keep(Path(sys.argv[1]))
log = logging.getLogger("threadmark.run")
log.info("1/4 done")
log.debug("position 1, intra_op=1: exit status 3")
logging.getLogger("urllib3").debug("GET /v1.41/info")

def fail():
    raise RunError("no room; free some")

assert command(fail, log.error) == 2
raise KeyError("a fault")
"""


def test_the_terminal_gets_the_lines_for_people_and_the_log_all_of_them(tmp_path: Path) -> None:
    log = tmp_path / "rounds/1.log"
    for _ in range(2):  # a run that was stopped goes on in the same log, though Snakemake removes it first
        log.unlink(missing_ok=True)
        done = subprocess.run([sys.executable, "-c", SPEAKS, str(log)], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert done.stderr.splitlines()[:2] == ["1/4 done", "threadmark: no room; free some"]
        assert "exit status 3" not in done.stderr
    lines = log.read_text().splitlines()
    said = [line.partition("Z ")[2] for line in lines if re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ", line)]
    once = ["1/4 done", "position 1, intra_op=1: exit status 3", "threadmark: no room; free some"]
    assert said == [*once, "a fault of the harness"] * 2
    assert lines[-1] == "KeyError: 'a fault'"
    assert "urllib3" not in log.read_text()


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        (OK, "exit status 0"),
        (ended(1, b"one\ntwo\n"), "exit status 1\n    container: one\n    container: two"),
        (ended(137, b"\xff", out_of_memory=True), "exit status 137, at its memory limit\n    container: \ufffd"),
        (ended(137, timed_out=True), "exit status 137, after its time"),
        (ended(137, nonsense="hi"), "exit status 137, after an answer that was not asked for: hi"),
        (ended(None, refused="no such device"), "refused by the engine\n    engine: no such device"),
    ],
)
def test_a_launch_s_own_words(ending: Ending, expected: str) -> None:
    assert round_log.words(ending) == expected


def test_a_flood_is_cut() -> None:
    assert len(round_log.words(ended(0, b"x" * 10**6))) < 500
