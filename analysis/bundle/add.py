"""A bundle into a folder of runs: looked at in memory and beside the others, then moved into place in one step."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from analysis.bundle.contents import of_origin
from analysis.bundle.documents import check_documents, named, plausible
from analysis.bundle.rebuild import write_files
from analysis.bundle.verify import whole
from workloads.vocabulary.errors import BundleError


def add(bundle: Path, place: Path) -> str:
    """Add a bundle to the folder `place`; returns what to tell. Raises BundleError, and writes nothing, if it is unfit.

    The same run again changes nothing; another run of a machine that is there already is refused.
    """
    machine, files = whole(bundle)
    with _beside(place) as empty:
        made = empty / machine
        write_files(made, files)
        check_documents(made, machine, str(bundle))
        plausibility = plausible(made, str(bundle))
        target = place / machine
        if target.is_symlink() or target.exists():
            return _again(bundle, files, target)
        # A folder cannot be moved onto one that holds something: of two imports at once, one is refused.
        made.rename(target)
    said = f"{bundle} is now {target}; `python -m analysis.bundle verify {bundle}` makes its report again"
    return "\n".join([said, *named(plausibility)])


def _again(bundle: Path, files: Mapping[str, bytes], target: Path) -> str:
    measured = of_origin(files, "measured")
    if all((target / file).is_file() and (target / file).read_bytes() == measured[file] for file in measured):
        return f"{target} holds this run already; nothing was written"
    raise BundleError(
        f"{bundle}: {target} holds another run of this machine", "move that away, or name another --results"
    )


@contextmanager
def _beside(place: Path) -> Iterator[Path]:
    """An empty folder on the file system of `place`, gone in the end; so are folders that were made for it in vain."""
    new = [folder for folder in (place, place.parent) if not folder.exists()]
    place.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix=".importing-", dir=place) as name:
            yield Path(name).resolve()
    finally:
        with suppress(OSError):  # it holds something now
            for folder in new:
                folder.rmdir()
