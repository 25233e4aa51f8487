"""The images of the suite: a folder with a Dockerfile, a lock and an image.toml is one, and nothing else names it.

What a plan, a launch and the check-up have to know of an image stands in its image.toml. No engine here.
"""

import tomllib
from enum import StrEnum
from pathlib import Path

from pydantic import PositiveInt, StrictBool

from workloads.vocabulary.errors import ConfigError
from workloads.vocabulary.nearest import nearest
from workloads.vocabulary.validation import Strict, validated

ROOT = Path(__file__).resolve().parents[2]

FILE = "image.toml"


class BuiltIf(StrEnum):
    """When `images: auto` builds an image."""

    ALWAYS = "always"
    GPU = "gpu"  # where the engine can hand out an NVIDIA GPU
    USED = "used"  # where the config names it, in a sweep or for all of them


class _File(Strict):
    """The keys of an image.toml."""

    gpu: StrictBool  # its containers get every NVIDIA GPU
    built_if: BuiltIf
    default: StrictBool = False  # launches run in it unless a setting names another; one image is
    wheels_bytes: PositiveInt  # of its wheels, in round numbers: what the cache needs
    image_bytes: PositiveInt  # of the image as it is built, in round numbers: what the engine needs


class Declaration(_File):
    """What the suite knows of an image beside its recipe."""

    name: str


def declarations(root: Path = ROOT) -> list[Declaration]:
    """All images of the suite at `root`, the default one first, then by name.

    Raises ConfigError for an image.toml that is missing or says something else, and unless one image is the default.
    """
    folders = sorted(path.parent for path in root.glob("containers/images/*/Dockerfile"))
    images = sorted((_read(folder) for folder in folders), key=lambda image: (not image.default, image.name))
    defaults = [image.name for image in images if image.default]
    if len(defaults) != 1:
        raise ConfigError(
            f"{len(defaults)} images are the default ({', '.join(defaults) or 'none'})",
            f"write `default = true` into the {FILE} of one image",
        )
    return images


def declaration(name: str, root: Path = ROOT) -> Declaration:
    """One image of the suite. Raises ConfigError, with the nearest name, if there is no such image."""
    known = {image.name: image for image in declarations(root)}
    if name not in known:
        raise ConfigError(f"there is no image {name!r}", nearest(name, list(known)))
    return known[name]


def _read(folder: Path) -> Declaration:
    path = folder / FILE
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path} is missing", f"write it as containers/images/cpu/{FILE}") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read ({error})", "correct the file") from None
    return Declaration(name=folder.name, **validated(_File, content, str(path)).model_dump())
