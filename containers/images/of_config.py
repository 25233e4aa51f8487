"""The images that a config describes: each becomes a folder like the suite's own, with an image.toml and a lock.

The lock is made once, by uv, and kept beside the results: what was measured with it can be measured again.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from containers.images.declaration import FILE
from containers.images.wheels import read_lock
from containers.notices import say
from workloads.vocabulary.documents import write_text
from workloads.vocabulary.errors import ConfigError, ImageError
from workloads.vocabulary.nearest import nearest
from workloads.vocabulary.validation import Strict

LOCK, WANTED = "requirements.lock", "requirements.in"

# What images are: see containers.images.wheels. What no run imports is left out.
_PLATFORM = ("--python-version=3.11", "--python-platform=x86_64-manylinux_2_28", "--only-binary=:all:")
_UNUSED = ("setuptools", "wheel", "libclang")
_RESOLVE_S = 300.0

Requirement = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][^\n\r]{0,199}$")]
Reference = Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-zA-Z0-9._:/-]*@)?sha256:[0-9a-f]{64}$")]


class OwnImageConfig(Strict):
    """An image beside the suite's: packages by pip's words or by a lock, a Dockerfile, or an image that is there."""

    requirements: list[Requirement] | None = Field(
        None, min_length=1, description="what is installed, as tensorflow-cpu==2.16.2; the rest is resolved and locked"
    )
    image: Reference | None = Field(
        None, description="an image with Python, TensorFlow and NumPy: NAME@sha256:DIGEST, or the id of one built here"
    )

    dockerfile: str | None = Field(
        None,
        min_length=1,
        max_length=1000,
        description="a folder with a Dockerfile of your own, which is built with the engine's network; what it makes"
        " has Python, TensorFlow and NumPy",
    )

    lock: str | None = Field(
        None,
        min_length=1,
        max_length=1000,
        description="a file of packages with their hashes, such as one of a bundle's: the same packages again",
    )

    @model_validator(mode="after")
    def _is_one_of_them(self) -> OwnImageConfig:
        if sum(way is not None for way in (self.requirements, self.image, self.dockerfile, self.lock)) != 1:
            raise ValueError("an entry of `images` has `requirements`, `image`, `dockerfile` or `lock`, one of them")
        return self


def provide_folders(wanted: Mapping[str, OwnImageConfig], place: Path) -> list[Path]:
    """A folder below `place` for each image, its lock made if it is not there, or is of other requirements.

    Raises ImageError for requirements that nothing fits.
    """
    return [_provide(place / name, config) for name, config in wanted.items()]


def _provide(folder: Path, config: OwnImageConfig) -> Path:
    if config.image is not None:
        _write(folder / FILE, _declaration("from_image", config.image))
        return folder
    if config.dockerfile is not None:
        place = Path(config.dockerfile).resolve()
        if not (place / "Dockerfile").is_file():
            raise ImageError(f"{place} holds no Dockerfile", f"correct `images.{folder.name}.dockerfile`")
        _write(folder / FILE, _declaration("from_folder", str(place)))
        return folder
    if config.lock is not None:
        read_lock(Path(config.lock))
        _write(folder / FILE, _declaration())
        _write(folder / LOCK, Path(config.lock).read_text(encoding="utf-8"))
        return folder
    asked = "".join(f"{requirement}\n" for requirement in config.requirements or [])
    _write(folder / FILE, _declaration())
    if not (folder / LOCK).exists() or not _holds(folder / WANTED, asked):
        lock = resolved(folder.name, asked)
        write_text(folder / LOCK, lock)
        write_text(folder / WANTED, asked)
    return folder


def lock_again(place: Path, name: str, wanted: Mapping[str, OwnImageConfig]) -> Path:
    """Make the lock of one of a config's images anew, by what fits its requirements today; gives the lock.

    Raises ConfigError for an image that the config does not describe by its requirements, ImageError as `resolved`.
    """
    if name not in wanted or wanted[name].requirements is None:
        known = [own for own, config in wanted.items() if config.requirements is not None]
        raise ConfigError(f"the config has no image {name!r} with requirements to lock", nearest(name, known))
    (place / name / LOCK).unlink(missing_ok=True)
    return _provide(place / name, wanted[name]) / LOCK


def _declaration(way: str = "", value: str = "") -> str:
    own = f"{way} = {json.dumps(value)}\n" if way else ""
    return (
        "# Written from a config: of an image beside the suite's.\n"
        f'gpu = false\nbuilt_if = "always"\nwheels_bytes = 600_000_000\nimage_bytes = 2_000_000_000\n{own}'
    )


def _holds(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


def _write(path: Path, text: str) -> None:
    if not _holds(path, text):
        write_text(path, text)


def resolved(name: str, requirements: str) -> str:
    """A lock of everything that requirements, a line each, come to, with hashes and without addresses.

    Raises ImageError for what does not exist, or has no wheel for the images' Python and CPU.
    """
    say(f"locking the packages of image {name} ...")
    uv = shutil.which("uv", path=sysconfig.get_path("scripts")) or shutil.which("uv")
    if uv is None:
        raise ImageError("there is no uv to lock an image's packages with", "run `make report`, which installs it")
    with tempfile.TemporaryDirectory(prefix="threadmark-lock-") as folder:
        wanted, lock = Path(folder, WANTED), Path(folder, LOCK)
        wanted.write_text(requirements)
        command = [
            *(uv, "pip", "compile", "--quiet", "--no-config", "--generate-hashes", "--no-header", "--no-annotate"),
            *("--no-emit-index-url", "--no-emit-find-links", *_PLATFORM),
            *(f"--no-emit-package={package}" for package in _UNUSED),
            *("--output-file", str(lock), str(wanted)),
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_RESOLVE_S)
        except subprocess.TimeoutExpired:
            raise ImageError(
                f"the packages of image {name} were not resolved in {_RESOLVE_S:g} s", "check the connection"
            ) from None
        if done.returncode != 0:
            raise ImageError(
                f"the packages of image {name} cannot be locked: {_reason(done.stderr)}",
                f"correct `images.{name}.requirements`",
            )
        return lock.read_text()


def _reason(stderr: str) -> str:
    words = " ".join(stderr.replace("\u2570\u2500\u25b6", " ").replace("\u00d7", " ").split())
    # uv tells all that follows from the first reason.
    first = re.search(r"Because (.+?),? (?:and you require|we can conclude)", words)
    return (first[1] if first else words)[:200].rstrip(".")
