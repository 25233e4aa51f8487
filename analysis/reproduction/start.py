"""Before a run is made again: verify and unpack its bundle, hold its locks against this checkout's, write its config.

A machine's folder may be given instead of a bundle; it has no checksums, and locks only if it came from a bundle. The
second run's results go to a folder of their own, so that nothing on file counts as measured already.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import yaml

from analysis.bundle.add import add
from analysis.bundle.contents import SUITE, sha256
from analysis.bundle.verify import verify
from analysis.records.folder import read_plan
from analysis.records.machine_folders import the_machine_folder
from workloads.vocabulary.documents import write_text
from workloads.vocabulary.errors import AnalysisError
from workloads.vocabulary.older_plans import upgraded_config
from workloads.vocabulary.validation import read_yaml

ORIGINAL, AGAIN, CONFIG, CHECKED = "original", "again", "config.yaml", "checked.txt"


def start(given: Path, out: Path, checkout: Path) -> None:
    """Fill `out` with the original and the config to run. Raises AnalysisError if this checkout cannot run it."""
    if given.is_file():
        checked = _checked(given)
        bring: Callable[[], object] = partial(add, given, out / ORIGINAL)
    elif given.is_dir():
        checked = ""
        folder = the_machine_folder(given)
        bring = partial(shutil.copytree, str(folder), str(out / ORIGINAL / folder.name))
    else:
        raise AnalysisError(
            f"{given} is neither a bundle nor a machine's folder", "name one: make reproduce BUNDLE=file"
        )
    shutil.rmtree(out / ORIGINAL, ignore_errors=True)  # an earlier one's copy
    (out / ORIGINAL).mkdir(parents=True)
    bring()
    original = the_machine_folder(out / ORIGINAL)
    if other := differing_locks(original, checkout):
        raise AnalysisError(
            f"{given} was made with other locks than this checkout's ({', '.join(other)})",
            f"check out the suite that made it, version {read_plan(original).suite}, and run this again there",
        )
    write_text(out / CONFIG, config_of(original, out / AGAIN))
    write_text(out / CHECKED, checked)


def _checked(bundle: Path) -> str:
    """What verifying a bundle says, in a sentence. Raises BundleError for one that is damaged or unsafe."""
    told = "; ".join(verify(bundle).sentences())
    return f"The bundle {bundle.name} (sha256 {sha256(bundle.read_bytes())}) was verified: {told}."


def differing_locks(original: Path, checkout: Path) -> list[str]:
    """The locks that came with a run and are not, to the byte, those of a checkout, by their paths there, sorted."""
    suite = original / SUITE
    locks = sorted(path.relative_to(suite) for path in suite.rglob("*.lock"))
    return [
        lock.as_posix()
        for lock in locks
        if not (checkout / lock).is_file() or (checkout / lock).read_bytes() != (suite / lock).read_bytes()
    ]


def config_of(original: Path, results: Path) -> str:
    """The config that a run was made with, in today's form, its results going to `results`. Raises ConfigError."""
    remedy = "get the run whole: it cannot be made again without its config"
    config = read_yaml(original / "config.yaml", remedy)
    return yaml.safe_dump(upgraded_config(config) | {"results": str(results)}, sort_keys=False)


def read_checked(out: Path) -> str:
    """What was verified of the bundle, in a sentence; empty if nothing was."""
    path = out / CHECKED
    return path.read_text(encoding="utf-8") if path.is_file() else ""
