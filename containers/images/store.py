"""What is asked of the engine about images: find, pull, build, read, and run a question inside."""

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import docker.errors
from docker.models.containers import Container

from containers.engine.archive import write_archive
from containers.engine.connection import Client
from containers.engine.container import fleeting
from containers.engine.labels import BUILDER, PROBE
from containers.images.contents import Contents, read_contents
from workloads.vocabulary.errors import ImageError


def find(client: Client, labels: dict[str, str]) -> str | None:
    """The id of the newest image that carries all of `labels`."""
    first, *_ = (f"{key}={value}" for key, value in labels.items())
    # Asked for several labels, Podman 4.3 finds nothing.
    known = client.images.list(filters={"label": first})
    labelled = [image for image in known if labels.items() <= image.labels.items()]
    newest = max(labelled, key=lambda image: str(image.attrs["Created"]), default=None)
    return None if newest is None else str(newest.id)


def attributes(client: Client, image: str) -> dict[str, Any]:
    """What the engine says of an image: Config, Size in bytes, Created, ..."""
    return dict(client.images.get(image).attrs)


def pull(client: Client, reference: str) -> str:
    """The id of NAME@sha256:DIGEST, pulled if it is not here yet. Raises ImageError if it cannot be had."""
    try:
        return str(client.images.get(reference).id)
    except docker.errors.ImageNotFound:
        pass
    try:
        return str(client.images.pull(reference).id)
    except docker.errors.APIError as error:
        reason = str(error.explanation or error).strip()
        raise ImageError(
            f"{reference} cannot be had from its registry ({reason})",
            "check name, digest and connection, or use base: bootstrap",
        ) from error


def build(
    client: Client,
    *,
    files: dict[str, Path],
    tag: str,
    arguments: dict[str, str],
    labels: dict[str, str],
    scratch: Path,
    log: IO[str] | None,
    network: str | None = "none",  # None: the engine's
) -> str:
    """Build `files`, path in the context -> file, without network and without cached layers; returns the id.

    Raises ImageError with the builder's last words.
    """
    said = ""
    try:
        with tempfile.TemporaryFile(dir=scratch) as context:
            write_archive(files, context)
            context.seek(0)
            lines = client.api.build(
                fileobj=context,
                custom_context=True,
                tag=tag,
                buildargs=arguments,
                labels=labels,
                network_mode=network,
                use_config_proxy=False,  # a proxy of this machine is no part of the recipe
                nocache=True,  # layers of another day are not what this recipe gives today
                rm=True,
                forcerm=True,
                decode=True,
            )
            for line in lines:
                text = str(line.get("stream") or line.get("error") or "")
                if log is not None:
                    log.write(text)
                if "error" in line:
                    raise ImageError(f"the build of {tag} failed: {text.strip()} (before that: {said or 'nothing'})")
                said = text.strip() or said
    finally:
        _remove_stages(client)
    return str(client.images.get(tag).id)


def _remove_stages(client: Client) -> None:
    """Remove what builds leave of their first stage: gigabytes of wheels that no image refers to."""
    wanted = [f"{key}={value}" for key, value in BUILDER.items()]
    for image in client.images.list(filters={"label": wanted, "dangling": True}):
        with suppress(docker.errors.APIError):  # in use by a build that runs beside this one
            client.images.remove(str(image.id))


def read(client: Client, image: str) -> Contents:
    """Sum up what an image holds; reads all of it (3 s a gigabyte)."""
    config = attributes(client, image)["Config"]

    def create() -> Container:
        return client.containers.create(image, command=["/absent"], labels=PROBE, network_mode="none")

    with fleeting(create) as container:
        export: Iterator[bytes] = container.export()  # type: ignore[assignment]  # types-docker says str
        return read_contents(export, config)
