"""What this suite made in a container engine, and how each of it is removed. Nobody else's things are touched.

Containers and volumes are ours by the label ``threadmark``. Labels of images pass to what others build or start from
them, so an image counts as ours by its label and its name, and a container only by the labels that no image keeps.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import docker.errors

from containers.engine.connection import Client, engine_errors
from containers.engine.labels import BUILDER, LABEL, LAUNCH, PROBE
from containers.images.bases import RECIPE
from containers.launch.volumes import MODEL

# leftovers: what a run that was stopped left behind; old: also what only another version of the suite, or a model,
# needs; all: also what the next run would have to make again.
Level = Literal["leftovers", "old", "all"]

LEVELS: tuple[Level, ...] = ("leftovers", "old", "all")

_FLEETING = {kind[LABEL] for kind in (LAUNCH, PROBE, BUILDER)}
# An image goes before the one that it is built on.
_ORDER = ("image", "census", "environment", "base")
_NAMELESS = "<none>:<none>"


@dataclass(frozen=True)
class Thing:
    """One thing of ours."""

    level: Level
    what: str  # for people
    size_bytes: int | None  # as the engine counts it, with what it shares with others; None: not known
    remove: Callable[[], object]


def in_engine(client: Client, recipes: Collection[str]) -> list[Thing]:
    """All that is ours, in an order in which it can be removed; `recipes`: identities that this version would use."""
    with engine_errors("listing what is this suite's"):
        return [
            *_containers(client, client.api.containers(all=True, size=True, filters={"label": [LABEL]})),
            *_images(client, client.api.images(filters={"label": [LABEL]}), recipes),
            *_volumes(client, client.df().get("Volumes") or []),
        ]


def _containers(client: Client, listed: list[dict[str, Any]]) -> Iterator[Thing]:
    for container in listed:
        if container_is_ours(container):
            name = (container.get("Names") or [container["Id"][:12]])[0].lstrip("/")
            kind = container["Labels"][LABEL]
            yield Thing(
                "leftovers",
                f"container {name} ({kind}, {container.get('State', 'state unknown')})",
                container.get("SizeRw") or 0,
                partial(client.api.remove_container, container["Id"], force=True, v=True),
            )


def container_is_ours(container: Mapping[str, Any]) -> bool:
    """Whether an engine's entry of a container is a launch, a probe or a build's step of this suite."""
    return (container.get("Labels") or {}).get(LABEL) in _FLEETING


def _images(client: Client, listed: list[dict[str, Any]], recipes: Collection[str]) -> Iterator[Thing]:
    for image in sorted(
        listed, key=lambda image: _ORDER.index(kind) if (kind := image["Labels"][LABEL]) in _ORDER else -1
    ):
        level = image_level(image, recipes)
        if level is None:
            continue
        names = our_names(image)
        yield Thing(
            level,
            f"image {', '.join(names) or image['Id'].removeprefix('sha256:')[:12] + ' (nameless)'}",
            int(image["Size"]),
            partial(_remove_image, client, names or [image["Id"]]),
        )


def image_level(image: Mapping[str, Any], recipes: Collection[str]) -> Level | None:
    """What an engine's entry of an image is to us; None: nothing, though it may be built on an image of ours."""
    labels = image.get("Labels") or {}
    kind = labels.get(LABEL)
    if kind in _FLEETING:
        return None if _names(image) else "leftovers"
    if kind in _ORDER and our_names(image):
        return "all" if labels.get(RECIPE) in recipes else "old"
    return None


def our_names(image: Mapping[str, Any]) -> list[str]:
    """Those names of an image that we gave it: an image that somebody else named too only loses ours."""
    return [name for name in _names(image) if name.removeprefix("localhost/").startswith("threadmark/")]


def _names(image: Mapping[str, Any]) -> list[str]:
    return [name for name in image.get("RepoTags") or [] if name != _NAMELESS]


def _remove_image(client: Client, names: list[str]) -> None:
    for name in names:
        client.api.remove_image(name)


def _volumes(client: Client, listed: list[dict[str, Any]]) -> Iterator[Thing]:
    for volume in listed:
        if (volume.get("Labels") or {}).get(LABEL) == MODEL[LABEL]:
            size = (volume.get("UsageData") or {}).get("Size", -1)
            yield Thing(
                "old",
                f"volume {volume['Name']} (a model)",
                size if size >= 0 else None,
                partial(client.api.remove_volume, volume["Name"]),
            )


def remove(thing: Thing) -> str | None:
    """Remove one thing of the engine; gives the engine's reason where it refuses, as for an image that is in use."""
    with engine_errors(f"removing {thing.what}"):
        try:
            thing.remove()
        except docker.errors.NotFound:
            return None  # someone was faster
        except docker.errors.APIError as error:
            return str(error.explanation or error)
    return None


def space(client: Client) -> int:
    """How many bytes images, containers and volumes take up in the engine, all of them, not only ours."""
    with engine_errors("asking how much space is used"):
        used = client.df()
    volumes = sum(max(0, (volume.get("UsageData") or {}).get("Size", 0)) for volume in used.get("Volumes") or [])
    containers = sum(container.get("SizeRw") or 0 for container in used.get("Containers") or [])
    return int(used.get("LayersSize") or 0) + int(volumes) + int(containers)
