"""An image of the user's own: what a launch needs of it, before the suite's files are laid on top."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from containers.engine.archive import context_files
from containers.engine.connection import Client
from containers.engine.labels import LABEL
from containers.engine.question import ask
from containers.images import recipe
from containers.images import store as images
from containers.images.bases import NAME, RECIPE
from containers.images.recipe import Recipe
from containers.notices import say
from workloads.vocabulary.errors import ImageError

_NEEDED = ("tensorflow", "numpy")


def provide_own(client: Client, reference: str) -> str:
    """The id of an image by NAME@sha256:DIGEST, or by its id where it was built here.

    Raises ImageError, with what it lacks, for one that cannot be had and one that no workload runs in.
    """
    say(f"taking the image {reference} ...")
    try:
        image = images.pull(client, reference)
    except ImageError as error:
        raise ImageError(error.what, "check name, digest and connection") from error
    check_own(client, image, f"the image {reference}")
    return image


def provide_from_folder(client: Client, what: Recipe, folder: Path, *, log: IO[str] | None) -> tuple[str, str]:
    """The id of what a Dockerfile of the user's makes, and where it is from; built where the engine does not hold it.

    Raises ImageError where the build fails, and as `provide_own`.
    """
    wanted = recipe.environment_identity(**what.options)
    origin = f"dockerfile: {folder.name}, {wanted}"
    image = images.find(client, {LABEL: "environment", NAME: what.image, RECIPE: wanted})
    if image is None:
        say(f"building {what.image}: {folder / 'Dockerfile'} ...")
        image = images.build(
            client,
            files=context_files(folder),
            tag=f"threadmark/{what.image}-environment:{wanted}",
            arguments={},
            labels={LABEL: "environment", NAME: what.image, RECIPE: wanted},
            scratch=what.cache,
            log=log,
            network=None,
        )
    check_own(client, image, f"what {folder / 'Dockerfile'} makes")
    return image, origin


def check_own(client: Client, image: str, what: str) -> None:
    """Raises ImageError, with what it lacks, for an image that no workload runs in; `what` it is, for people."""
    if (architecture := images.attributes(client, image)["Architecture"]) != "amd64":
        raise ImageError(f"{what} is for {architecture}, not for x86-64", "name another")
    _ask(client, what, image, "--version", "has no Python as python3 on the PATH")
    for module in _NEEDED:
        _ask(client, what, image, f"-cimport {module}", f"has no {module} that its python3 can import")


def _ask(client: Client, what: str, image: str, words: str, lack: str) -> None:
    try:
        ask(client, image=image, command=["python3", words])
    except ImageError as error:
        raise ImageError(f"{what} {lack}", "install it there, or name another image") from error
