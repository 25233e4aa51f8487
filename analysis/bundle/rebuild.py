"""What follows from the records, made again from them alone."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from analysis.bundle.contents import CLAIMS_FILE
from analysis.claims import judge as claims
from analysis.comparisons import compare as stats
from analysis.comparisons import components
from analysis.export import twins as data
from analysis.figures import draw as figures
from analysis.recommendations import recommend as recommendation
from analysis.report import page as html
from analysis.report import render as report
from analysis.tables import tidy
from workloads.vocabulary.errors import BundleError

STAGES: dict[str, Callable[[Path], None]] = {
    "tables.tidy": tidy.write,
    "comparisons.compare": stats.write,
    "comparisons.components": components.write,
    "claims.judge": lambda root: claims.write(root, root / CLAIMS_FILE),
    "recommendations.recommend": recommendation.write,
    "figures.draw": figures.write,
    "report.render": report.write,
    "report.page": lambda root: html.write(root / "report.md"),
    "export.twins": data.write,
}
"""The modules that the Snakefile's rules run on a machine's folder once it is measured, each after those it needs."""

_DRAWING = ("matplotlib", "numpy", "pandas", "pyarrow", "scipy", "seaborn")


def rebuilt(root: Path, place: str) -> dict[str, bytes]:
    """Run every stage in `root`, which holds what was measured; returns what they made (path -> content).

    Raises BundleError, which names `place`, if a stage cannot be run on these records.
    """
    before = read_files(root)
    for name, stage in STAGES.items():
        try:
            stage(root)
        # The records may be a stranger's: whatever is wrong with them is their fault, and ends in a sentence.
        except Exception as error:
            words = " ".join(str(error).replace(f"{root}/", "").split()) or type(error).__name__
            raise BundleError(f"{place}: analysis.{name} cannot be run on its records: {words}") from error
    return {file: content for file, content in read_files(root).items() if file not in before}


def other_versions(lock: bytes) -> list[str]:
    """Libraries that draw or compute and have another version here than a lock pins: "seaborn 0.13.2, not 0.13.1"."""
    # One package may have several, each for other versions of Python.
    pins = re.findall(r"^([a-z0-9-]+)==([^\s;\\]+)", lock.decode("utf-8", "replace"), re.MULTILINE)
    found = []
    for name in _DRAWING:
        pinned, here = [version for pin, version in pins if pin == name], metadata.version(name)
        if pinned and here not in pinned:
            found.append(f"{name} {here}, not {' or '.join(pinned)}")
    return found


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
