"""Build contexts as tar archives: the same files give the same bytes, on any machine and day."""

import tarfile
from pathlib import Path
from typing import IO

from workloads.vocabulary.errors import ImageError


def write_archive(files: dict[str, Path], target: IO[bytes]) -> None:
    """Write `files`, path in the archive -> file, to `target` as an uncompressed tar archive.

    Sorted, owned by root, of the year 1970, readable by all and executable where its owner may execute it.
    """
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(files):
            entry = tarfile.TarInfo(name)
            entry.size = files[name].stat().st_size
            entry.mode = 0o755 if files[name].stat().st_mode & 0o100 else 0o644
            with files[name].open("rb") as file:
                archive.addfile(entry, file)


def context_files(folder: Path) -> dict[str, Path]:
    """What a build in a folder of the user's is given: path in the context -> file, sorted, .dockerignore heeded.

    Raises ImageError where the folder cannot be read.
    """
    from docker.utils.build import exclude_paths  # a recipe is read without the engine's library

    try:
        ignored = (folder / ".dockerignore").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        ignored = []
    except (OSError, UnicodeDecodeError) as error:
        raise ImageError(f"{folder / '.dockerignore'} cannot be read ({error})", "correct the file") from error
    patterns = [line.strip() for line in ignored if line.strip() and not line.startswith("#")]
    names = sorted(exclude_paths(str(folder), patterns, dockerfile="Dockerfile"))
    return {name: folder / name for name in names if (folder / name).is_file()}
