"""Which of the suite's images a plan builds on a host, and which image its launches run in. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from containers.host.machine import Host
from containers.images.declaration import BuiltIf, Declaration
from containers.plan.config import Config
from containers.plan.symbolic import DEFAULT
from workloads.vocabulary.errors import ConfigError
from workloads.vocabulary.nearest import nearest
from workloads.vocabulary.plan import Hole, HoleKind
from workloads.vocabulary.record import KnobValue


def wanted_images(config: Config, host: Host, images: Sequence[Declaration]) -> list[Declaration]:
    """The images to build: those that the config's `images` lists, or else those that the host can use.

    Raises ConfigError for a name that no image has.
    """
    if not isinstance(config.images, list):
        named = _named(config)
        return [image for image in images if _is_built(image, host, named)]
    for name in config.images:
        known_image(name, images, "images")
    return [image for image in images if image.name in config.images]


def unbuilt(config: Config, host: Host, images: Sequence[Declaration], wanted: Sequence[Declaration]) -> list[Hole]:
    """What a plan says of the images that it does not build, though a config without `images` might have them."""
    named = _named(config)
    missed = [image for image in images if image not in wanted]
    return [
        Hole(HoleKind.IMAGE, image.name, (image.gpu and host.gpu_reason) or "the config's `images` leaves it out")
        for image in missed
        if image.built_if is not BuiltIf.USED or image.name in named
    ]


def images_of(
    settings: Iterable[dict[str, KnobValue]], sweep: str, images: Sequence[Declaration]
) -> dict[str, Declaration]:
    """The images that launches with these knobs run in, by name, sorted. Raises ConfigError for one that is unknown."""
    names = {knobs.get("image") or default_image(images) for knobs in settings}
    return {name: known_image(name, images, f"sweeps.{sweep}") for name in sorted(map(str, names))}


def default_image(images: Sequence[Declaration]) -> str:
    """The image of launches whose setting names none."""
    return next(image.name for image in images if image.default)


def known_image(name: str, images: Sequence[Declaration], place: str) -> Declaration:
    """The image of that name. Raises ConfigError that names the place, and the nearest name that an image has."""
    for image in images:
        if image.name == name:
            return image
    raise ConfigError(f"config: {place}: unknown image {name!r}", nearest(name, [image.name for image in images]))


def _is_built(image: Declaration, host: Host, named: set[str]) -> bool:
    match image.built_if:
        case BuiltIf.ALWAYS:
            return True
        case BuiltIf.GPU:
            return host.gpu_reason is None
        case BuiltIf.USED:
            return image.name in named


def _named(config: Config) -> set[str]:
    """Every image that the config names as a knob's value."""
    written = [config.fixed.get("image")]
    for sweep in config.sweeps.values():
        written += [sweep.fixed.get("image"), *sweep.grid.get("image", [])]
        written += [setting.get("image") for setting in sweep.settings]
    return {str(name) for name in written if name not in (None, DEFAULT)}
