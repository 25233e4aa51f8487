"""Where machines' folders are. Reads no file: Snakemake asks before there is any.

A machine's folder is one that holds a plan and a machine: results/MACHINE, as measured here or imported, and
results/published/MACHINE, as it comes with the suite.
"""

from pathlib import Path

from workloads.vocabulary.errors import AnalysisError
from workloads.vocabulary.record import identity


def machine_folders(results: Path) -> list[Path]:
    """One folder for each machine, sorted by name; one right below `results` goes before the same published one."""
    found: dict[str, Path] = {}
    for place in (results, results / "published"):
        for folder in sorted(place.glob("*")):
            if is_machine_folder(folder):
                found.setdefault(folder.name, folder)
    return [found[name] for name in sorted(found)]


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
