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
_ORDER = ("image", "environment", "base")
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
    for one in listed:
        if container_is_ours(one):
            name = (one.get("Names") or [one["Id"][:12]])[0].lstrip("/")
            kind = one["Labels"][LABEL]
            yield Thing(
                "leftovers",
                f"container {name} ({kind}, {one.get('State', 'state unknown')})",
                one.get("SizeRw") or 0,
                partial(client.api.remove_container, one["Id"], force=True, v=True),
            )


def container_is_ours(one: Mapping[str, Any]) -> bool:
    """Whether an engine's entry of a container is a launch, a probe or a build's step of this suite."""
    return (one.get("Labels") or {}).get(LABEL) in _FLEETING


def _images(client: Client, listed: list[dict[str, Any]], recipes: Collection[str]) -> Iterator[Thing]:
    for one in sorted(listed, key=lambda one: _ORDER.index(kind) if (kind := one["Labels"][LABEL]) in _ORDER else -1):
        level = image_level(one, recipes)
        if level is None:
            continue
        names = our_names(one)
        yield Thing(
            level,
            f"image {', '.join(names) or one['Id'].removeprefix('sha256:')[:12] + ' (nameless)'}",
            int(one["Size"]),
            partial(_remove_image, client, names or [one["Id"]]),
        )


def image_level(one: Mapping[str, Any], recipes: Collection[str]) -> Level | None:
    """What an engine's entry of an image is to us; None: nothing, though it may be built on an image of ours."""
    labels = one.get("Labels") or {}
    kind = labels.get(LABEL)
    if kind in _FLEETING:
        return None if _names(one) else "leftovers"
    if kind in _ORDER and our_names(one):
        return "all" if labels.get(RECIPE) in recipes else "old"
    return None


def our_names(one: Mapping[str, Any]) -> list[str]:
    """Those names of an image that we gave it: an image that somebody else named too only loses ours."""
    return [name for name in _names(one) if name.removeprefix("localhost/").startswith("threadmark/")]


def _names(one: Mapping[str, Any]) -> list[str]:
    return [name for name in one.get("RepoTags") or [] if name != _NAMELESS]


def _remove_image(client: Client, names: list[str]) -> None:
    for name in names:
        client.api.remove_image(name)


def _volumes(client: Client, listed: list[dict[str, Any]]) -> Iterator[Thing]:
    for one in listed:
        if (one.get("Labels") or {}).get(LABEL) == MODEL[LABEL]:
            size = (one.get("UsageData") or {}).get("Size", -1)
            yield Thing(
                "old",
                f"volume {one['Name']} (a model)",
                size if size >= 0 else None,
                partial(client.api.remove_volume, one["Name"]),
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
    volumes = sum(max(0, (one.get("UsageData") or {}).get("Size", 0)) for one in used.get("Volumes") or [])
    containers = sum(one.get("SizeRw") or 0 for one in used.get("Containers") or [])
    return int(used.get("LayersSize") or 0) + int(volumes) + int(containers)
