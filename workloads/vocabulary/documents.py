"""Files written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from workloads.vocabulary.errors import naming


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8 in one step, and its folder where there is none: a reader sees the old file or the new one.

    The next writing takes over what a crash leaves behind. Raises OSError that names the file.
    """
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file as `write_text` does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".writing")
    with naming(path), temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
