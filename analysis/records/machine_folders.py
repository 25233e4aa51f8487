"""Where machines' folders are. Reads no file: Snakemake asks before there is any.

A machine's folder is one that holds a plan and a machine: results/MACHINE, as measured here; results/imported/MACHINE,
as somebody else measured it; and results/published/MACHINE, as it comes with the suite.
"""

from pathlib import Path

from workloads.vocabulary.errors import AnalysisError
from workloads.vocabulary.record import identity

# Below results/. Whatever an imported run is called, it is not a measurement of this machine.
IMPORTED = "imported"


def machine_folders(results: Path) -> list[Path]:
    """The folder of each machine, sorted by name.

    One right below `results` goes before the published one of the same name, which is an older run of it. An imported
    one of that name stands beside it: names tell clones of one machine not apart.
    """
    own = {folder.name: folder for place in ("published", "") for folder in _in(results / place)}
    return sorted([*own.values(), *_in(results / IMPORTED)], key=lambda folder: folder.name)


def _in(place: Path) -> list[Path]:
    return [folder for folder in sorted(place.glob("*")) if is_machine_folder(folder)]


def is_machine_folder(folder: Path) -> bool:
    """Whether a folder is about a machine."""
    return (folder / "plan.json").is_file() and (folder / "machine.json").is_file()


def the_machine_folder(folder: Path) -> Path:
    """`folder` itself if it is about a machine, else the one below it that is. Raises AnalysisError."""
    below = [folder] if is_machine_folder(folder) else sorted(filter(is_machine_folder, folder.glob("*")))
    if len(below) != 1:
        held = ", ".join(path.name for path in below) or "none"
        raise AnalysisError(f"{folder} has to be one machine's folder, or to hold one; it holds {held}", "name one")
    return below[0]


def state(folders: list[Path]) -> str:
    """Changes when a document or a record of any of these folders does, by the files' sizes and times."""
    documents = ("plan.json", "machine.json", "images/*.json", "audit/*.json", "rounds/*/*/*.jsonl")
    files = [path for folder in folders for pattern in documents for path in sorted(folder.glob(pattern))]
    return identity([[str(path), path.stat().st_size, path.stat().st_mtime_ns] for path in files])
