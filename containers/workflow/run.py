"""The start and the end of a run under Snakemake: its plan, its lock, and the lines for people."""

import logging
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from containers.host.machine import this_host
from containers.images.declaration import ROOT
from containers.images.of_config import provide_folders
from containers.plan.config import Config, read, validate
from containers.plan.make import contexts_of, make_plan
from containers.rounds.progress import is_whole
from workloads.vocabulary.errors import ConfigError, ThreadmarkError
from workloads.vocabulary.plan import Plan

_NO_FOLDER = re.compile(r"Failed to create output directory .*\[Errno \d+\] ([^:]+): '(.+)'", re.DOTALL)


def planned(config: Mapping[str, Any], files: Sequence[Path]) -> tuple[Config, Plan]:
    """The config, checked, and its plan for this machine. A mistake ends the process with one sentence.

    `files` are those that the config was read from: Snakemake's own reader lets a key stand twice.
    """
    try:
        for file in files:
            read(file)
        checked = validate(dict(config))
        if not (ROOT / checked.claims).is_file():
            raise ConfigError(f"config: claims: {checked.claims} is no file of this suite", "see config/claims/")
        provide_folders(checked.own_images, checked.own_images_place)
        return checked, make_plan(checked, this_host(), contexts_of(checked))
    except ThreadmarkError as error:
        # Without Snakemake's own lines around it: the sentence says what, where, and what to do.
        sys.exit(f"threadmark: {error}")


def take(lock: FileLock, results: Path) -> None:
    """Take the lock of a machine's folder when jobs start; it is held until this process ends, however it ends."""
    results.mkdir(parents=True, exist_ok=True)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        sys.exit(f"threadmark: another run writes to {results}; wait until it ends, or stop it")


def say(sentence: str) -> None:
    """Print a sentence for people, apart from what programs read."""
    print(sentence, file=sys.stderr)


def say_the_answer(results: Path, plan: Plan, lines: Sequence[str]) -> None:
    """Say the run's answer and name its report, if there is one: other targets, such as compare, do not make it.

    Snakemake was seen to end well with jobs to go, right after two decisions on further rounds.
    """
    if (results / "rounds").exists() and not is_whole(results, plan):
        say("threadmark: launches are still to be made; run the same command again, and it carries on")
    elif (results / "report.html").exists():
        for line in lines:
            say(f"threadmark: {line}")
        say(f"threadmark: this machine's report is {results / 'report.html'} (and report.md)")


def without_job_headings(logger: logging.Logger) -> None:
    """Leave out what Snakemake says before every job, hundreds of times, between the lines about the launches."""
    headings = ("Select jobs to execute", "Execute ")
    logger.addFilter(lambda record: not record.getMessage().startswith(headings))


def unmade_folder_in_one_sentence(logger: logging.Logger) -> None:
    """Say why Snakemake could not make a job's folder (full disk, quota, permissions) as the suite's commands say it.

    No hook of a Snakefile hears of it: the error leaves the scheduler.
    """

    def rewrite(record: logging.LogRecord) -> bool:
        if match := _NO_FOLDER.search(record.getMessage()):
            record.msg, record.args = (
                f"threadmark: {match[1]} ({match[2]}); free space or permissions, then run again",
                (),
            )
        return True

    logger.addFilter(rewrite)
