"""What an image is made of, as files: the identity that a plan expects and a build delivers. No engine here."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from containers.engine.archive import context_files
from containers.images import declaration as declared
from containers.sources import sources
from workloads import ROOMS
from workloads.vocabulary.errors import ConfigError, ImageError
from workloads.vocabulary.nearest import nearest
from workloads.vocabulary.record import identity

# How the base is got: by digest from a registry, from Debian packages, or the first if it answers.
Base = Literal["auto", "registry", "bootstrap"]

ROOT = declared.ROOT

CACHE = ROOT / ".cache"

# The modules that a container is started with, by `python3 -m`. An image holds these, the workloads, and what they
# import of the suite: nothing else of the suite can change what runs in it, nor its identity.
ENTRY_POINTS = (
    "workloads.harness.supervisor",
    "workloads.harness.instances",
    "workloads.harness.worker",
    "workloads.harness.probe",
    "workloads.harness.census",
    "workloads.harness.canary",
    "workloads.harness.timed_run",
)

# The model that stands in for a user's own is loaded from its file, as that one is.
_LOADED_BY_PATH = ("workloads.parts.example_model",)

_DIGEST_REFERENCE = re.compile(r"[a-z0-9][a-zA-Z0-9._:/-]*@sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Recipe:
    """What to build, and where its files lie."""

    image: str
    base: str = "auto"
    base_image: str | None = None
    root: Path = ROOT
    cache: Path = CACHE  # wheels and receipts, kept between builds
    folder: Path | None = None  # of the image's own files; None: it is the suite's

    @property
    def own(self) -> Path:
        """The image's own files."""
        return self.folder or self.root / "containers" / "images" / self.image

    @property
    def dockerfile(self) -> Path:
        """The image's own, or the one that all others share."""
        return _dockerfile(self.own, self.root)

    @property
    def common(self) -> Path:
        """What all images share."""
        return self.root / "containers" / "images" / "base"

    @property
    def options(self) -> dict[str, Any]:
        """As this module's functions take them."""
        return {
            "image": self.image,
            "base": self.base,
            "base_image": self.base_image,
            "root": self.root,
            "folder": self.folder,
        }


def check_options(
    *, image: str, base: str, base_image: str | None, root: Path = ROOT, folder: Path | None = None
) -> None:
    """Raise ConfigError if there is no such image, or no such way to a base."""
    declaration_of(image, root, folder)
    if base not in get_args(Base):
        raise ConfigError(f"base {base!r} is unknown", nearest(base, list(get_args(Base))))
    if base == "registry" and base_image is None:
        raise ConfigError("base: registry needs base_image: NAME@sha256:DIGEST", "name one, or use base: bootstrap")
    if base_image is not None and not _DIGEST_REFERENCE.fullmatch(base_image):
        raise ConfigError(
            f"base_image {base_image!r} is not NAME@sha256:DIGEST; a tag can be moved, so only a digest is accepted"
        )


def declaration_of(image: str, root: Path = ROOT, folder: Path | None = None) -> declared.Declaration:
    """What is known of an image beside its recipe: the one in `folder`, or the suite's of that name.

    Raises ConfigError.
    """
    return declared.declaration(image, root) if folder is None else declared.read_declaration(folder)


def own_folder(image: str, place: Path | None, root: Path = ROOT) -> Path | None:
    """The folder below `place` of an image that is none of the suite's; None for one of these."""
    known = {known.name for known in declared.declarations(root)}
    return None if place is None or image in known else place / image


def _dockerfile(own: Path, root: Path) -> Path:
    path = own / "Dockerfile"
    return path if path.exists() else root / "containers/images/base/Dockerfile"


def base_identity(*, base: str, base_image: str | None, root: Path = ROOT) -> str:
    """Identity of a base, before anything is fetched: how it is got, and from what recipe."""
    way: dict[str, object] = {
        "recipe": _hashes(root, ["containers/images/base/debian.toml", "containers/images/base/clean.sh"])
    }
    if base_image is not None and base != "bootstrap":
        way |= {"registry": base_image, "or": base}
    return identity(way)


def census_identity(root: Path = ROOT) -> str:
    """Identity of the library that notes which variables are asked for, and of what compiles it."""
    return identity({"census": _hashes(root, ["containers/images/base/census.*"])})


def environment_identity(
    *, image: str, base: str, base_image: str | None, root: Path = ROOT, folder: Path | None = None
) -> str:
    """Identity of all that an image holds below the measured code: base, Dockerfile and locks."""
    declaration = declaration_of(image, root, folder)
    if declaration.from_image is not None:
        return identity({"image": declaration.from_image})
    if declaration.from_folder is not None:
        files = context_files(Path(declaration.from_folder))
        return identity({"dockerfile": {name: file_hash(path) for name, path in files.items()}})
    own = folder or root / "containers/images" / image
    return identity(
        {
            "base": base_identity(base=base, base_image=base_image, root=root),
            "common": _hashes(root, ["containers/images/base/install.sh", "containers/images/base/builder.lock"]),
            "own": [file_hash(_dockerfile(own, root)), file_hash(own / "requirements.lock")],
        }
    )


def context_identity(
    *, image: str, base: str, base_image: str | None, root: Path = ROOT, folder: Path | None = None
) -> str:
    """Identity of an image's whole recipe, eight hexadecimal digits. Reads files only.

    Raises ConfigError for an unknown image or base, ImageError for a file that cannot be read.
    """
    check_options(image=image, base=base, base_image=base_image, root=root, folder=folder)
    # Of an image.toml only this changes what a launch does; the rest is about room and choice.
    devices = {"gpu": True} if declaration_of(image, root, folder).gpu else {}
    return identity(
        {
            **devices,
            "environment": environment_identity(
                image=image, base=base, base_image=base_image, root=root, folder=folder
            ),
            "census": census_identity(root),
            "suite": {
                **_hashes(root, ["containers/images/base/suite.Dockerfile"]),
                **{name: file_hash(path) for name, path in suite_files(root).items()},
            },
        }
    )


def suite_files(root: Path = ROOT) -> dict[str, Path]:
    """The measured code, as it goes into the last layer: path in the layer -> file, sorted.

    A workload is found by its name, so each of them counts, though no entry point imports it.
    Raises ImageError for an entry point that is missing and for a file that is no Python.
    """
    for module in ENTRY_POINTS:
        if not (path := root / f"{module.replace('.', '/')}.py").is_file():
            raise ImageError(f"{path} is missing", "restore it from the repository")
    measured = [f"workloads.{room}.{path.stem}" for room in ROOMS for path in (root / "workloads" / room).glob("*.py")]
    try:
        files = sources(root, *ENTRY_POINTS, *_LOADED_BY_PATH, *measured)
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise ImageError(f"the measured code cannot be read ({error})", "correct the file") from error
    return {str(path.relative_to(root)): path for path in files}


def _hashes(root: Path, patterns: list[str]) -> dict[str, str]:
    paths: list[Path] = []
    for pattern in patterns:
        matching = [path for path in root.glob(pattern) if path.is_file()]
        if not matching:
            raise ImageError(f"{root / pattern} is missing", "restore it from the repository")
        paths += matching
    return {str(path.relative_to(root)): file_hash(path) for path in sorted(paths)}


def file_hash(path: Path) -> str:
    """The sha256 of a file. Raises ImageError if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        raise ImageError(f"{path} is missing", "restore it from the repository") from None
    except OSError as error:
        raise ImageError(f"{path} cannot be read ({error.strerror})", "check its permissions") from error
