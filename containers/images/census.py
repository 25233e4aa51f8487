"""The library that an audit preloads, to note which variables are asked for: compiled once, copied into each image."""

from typing import IO

from containers.engine.connection import Client
from containers.engine.labels import LABEL
from containers.images import recipe
from containers.images import store as images
from containers.images.bases import RECIPE
from containers.images.recipe import Recipe
from containers.images.wheels import fetch
from containers.notices import say


def provide_census(client: Client, what: Recipe, *, python: str, log: IO[str] | None = None) -> str:
    """The id of the image that holds the library and nothing else; compiled in the image `python` where there is none.

    Raises ImageError.
    """
    wanted = recipe.census_identity(what.root)
    standing = images.find(client, {LABEL: "census", RECIPE: wanted})
    if standing is not None:
        return standing
    wheels = fetch(locks=[what.common / "census.lock"], wheels=what.cache / "wheels" / "census")
    say("compiling the library that notes which variables are asked for ...")
    return images.build(
        client,
        files={
            "Dockerfile": what.common / "census.Dockerfile",
            "census.c": what.common / "census.c",
            **{f"wheels/{wheel.name}": wheel for wheel in wheels},
        },
        tag=f"threadmark/census:{wanted}",
        arguments={"PYTHON": python},
        labels={LABEL: "census", RECIPE: wanted},
        scratch=what.cache,
        log=log,
    )
