"""An image of the user's own: what a launch needs of it, before the suite's files are laid on top."""

from __future__ import annotations

from containers.engine.connection import Client
from containers.engine.question import ask
from containers.images import store as images
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
    if (architecture := images.attributes(client, image)["Architecture"]) != "amd64":
        raise ImageError(f"the image {reference} is for {architecture}, not for x86-64", "name another")
    _ask(client, reference, image, "--version", "has no Python as python3 on the PATH")
    for module in _NEEDED:
        _ask(client, reference, image, f"-cimport {module}", f"has no {module} that its python3 can import")
    return image


def _ask(client: Client, reference: str, image: str, words: str, lack: str) -> None:
    try:
        ask(client, image=image, command=["python3", words])
    except ImageError as error:
        raise ImageError(f"the image {reference} {lack}", "install it there, or name another image") from error
