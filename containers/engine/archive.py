"""Build contexts as tar archives: the same files give the same bytes, on any machine and day."""

import tarfile
from pathlib import Path
from typing import IO


def write_archive(files: dict[str, Path], target: IO[bytes]) -> None:
    """Write `files`, path in the archive -> file, to `target` as an uncompressed tar archive.

    Sorted, owned by root, of the year 1970, readable by all and executable by none.
    """
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(files):
            entry = tarfile.TarInfo(name)
            entry.size = files[name].stat().st_size
            entry.mode = 0o644
            with files[name].open("rb") as file:
                archive.addfile(entry, file)
