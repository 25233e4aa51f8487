"""The images: a folder with an image.toml and a lock is one, and nothing else names it.

What a plan, a launch and the check-up have to know of an image stands in its image.toml. A Dockerfile is there only
where the common one does not do. The suite's lie in containers/images/; those of a config, which
containers.images.of_config writes, below its results. No engine here.
"""

import tomllib
from collections.abc import Iterable
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


class ImageFile(Strict):
    """The keys of an image.toml."""

    gpu: StrictBool  # its containers get every NVIDIA GPU
    built_if: BuiltIf
    default: StrictBool = False  # launches run in it unless a setting names another; one image is
    wheels_bytes: PositiveInt  # of its wheels, in round numbers: what the cache needs
    image_bytes: PositiveInt  # of the image as it is built, in round numbers: what the engine needs
    from_image: str | None = None  # an image of the user's own, as the engine knows it, in place of base and lock
    from_folder: str | None = None  # or a folder with the user's own Dockerfile


class Declaration(ImageFile):
    """What the suite knows of an image beside its recipe."""

    name: str
    folder: Path


def declarations(root: Path = ROOT, own: Iterable[Path] = ()) -> list[Declaration]:
    """All images of the suite at `root` and those in folders of the user's own, the default one first, then by name.

    Raises ConfigError for an image.toml that is missing or says something else, unless one image is the default, and
    for a name that two have.
    """
    here = root / "containers/images"
    folders = sorted({path.parent for name in (FILE, "requirements.lock") for path in here.glob(f"*/{name}")})
    if both := {folder.name for folder in folders} & {folder.name for folder in own}:
        raise ConfigError(f"config: images: {min(both)} is an image of the suite", "give yours another name")
    images = [read_declaration(folder) for folder in (*folders, *own)]
    images.sort(key=lambda image: (not image.default, image.name))
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


def takes_gpus(name: str, root: Path = ROOT) -> bool:
    """Whether containers of that image get the GPUs; those of a config's own images do not."""
    return any(image.gpu for image in declarations(root) if image.name == name)


def read_declaration(folder: Path) -> Declaration:
    """The image of a folder. Raises ConfigError, which names the file."""
    path = folder / FILE
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path} is missing", f"write it as containers/images/cpu/{FILE}") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read ({error})", "correct the file") from None
    return Declaration(name=folder.name, folder=folder, **validated(ImageFile, content, str(path)).model_dump())
