"""What follows from the records, made again from them alone."""

import importlib
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from analysis.bundle.contents import SUITE
from analysis.records.folder import read_plan
from analysis.workflow.stages import stages, stages_of_tables
from workloads.vocabulary.errors import BundleError
from workloads.vocabulary.plan import Plan
from workloads.vocabulary.stage import Stage

_DRAWING = ("matplotlib", "numpy", "pandas", "pyarrow", "scipy", "seaborn")


def rebuilt(root: Path, place: str) -> dict[str, bytes]:
    """Run every stage in `root`, which holds what was measured; returns what they made (path -> content).

    Raises BundleError, which names `place`, if a stage cannot be run on these records.
    """
    before = read_files(root)
    _run_all(stages, root, place)
    return {file: content for file, content in read_files(root).items() if file not in before}


def make_tables(root: Path, place: str) -> None:
    """Make the tables in `root`, which holds what was measured. Raises BundleError as `rebuilt` does."""
    _run_all(stages_of_tables, root, place)


def _run_all(listed: Callable[[Plan], list[Stage]], root: Path, place: str) -> None:
    with _records_of(root, place, "analysis.workflow.stages"):
        all_stages = listed(read_plan(root))
    for stage in all_stages:
        with _records_of(root, place, stage.module):
            _run(stage, root)


def _run(stage: Stage, root: Path) -> None:
    # By name: Snakemake reads the list of stages before every run, so the list imports none of their modules.
    write = importlib.import_module(stage.module).write
    write(root, *(root / SUITE / file for file in stage.suite_files))


@contextmanager
def _records_of(root: Path, place: str, what: str) -> Iterator[None]:
    try:
        yield
    # The records may be a stranger's: whatever is wrong with them is their fault, and ends in a sentence.
    except Exception as error:
        words = " ".join(str(error).replace(f"{root}/", "").split()) or type(error).__name__
        raise BundleError(f"{place}: {what} cannot be run on its records: {words}") from error


def other_versions(lock: bytes) -> list[str]:
    """Libraries that draw or compute and have another version here than a lock pins: "seaborn 0.13.2, not 0.13.1"."""
    # One package may have several, each for other versions of Python.
    pins = re.findall(r"^([a-z0-9-]+)==([^\s;\\]+)", lock.decode("utf-8", "replace"), re.MULTILINE)
    others = []
    for name in _DRAWING:
        pinned, here = [version for pin, version in pins if pin == name], metadata.version(name)
        if pinned and here not in pinned:
            others.append(f"{name} {here}, not {' or '.join(pinned)}")
    return others


def read_files(root: Path) -> dict[str, bytes]:
    """All plain files below a folder (path below it -> content), sorted."""
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def write_files(root: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder that holds nothing yet; their paths have been looked at before."""
    for file, content in files.items():
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as stream:
            stream.write(content)


@contextmanager
def laid_out(files: Mapping[str, bytes]) -> Iterator[Path]:
    """A temporary folder with these files."""
    with tempfile.TemporaryDirectory(prefix="threadmark-bundle-") as name:
        root = Path(name).resolve()
        write_files(root, files)
        yield root
