"""The image that environments are built on: from a registry by digest, or bootstrapped from Debian packages."""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from containers.engine import connection as engine
from containers.engine.connection import Client
from containers.engine.labels import LABEL
from containers.engine.question import ask
from containers.images import recipe
from containers.images import store as images
from containers.images.bootstrap import bootstrap, read_recipe
from containers.images.recipe import Recipe
from containers.notices import say
from workloads.vocabulary.errors import ImageError

# Labels of ours on images. An image inherits its parent's, and the plain LABEL says which of them it is.
NAME = f"{LABEL}.name"  # the image's folder
RECIPE = f"{LABEL}.recipe"  # identity of what it was made from
ORIGIN = f"{LABEL}.origin"  # how its base was got
BASE_CONTENT = f"{LABEL}.base-content"  # its base's content identity


@dataclass(frozen=True)
class BaseImage:
    """A base that the engine holds."""

    id: str
    origin: str  # how it was got, for the receipt
    content: str  # content identity


def provide_base(client: Client, what: Recipe) -> BaseImage:
    """The base: by digest from a registry if one is named and answers, else bootstrapped.

    Raises ImageError where `base: registry` cannot be had, or a base has no Python 3.11.
    """
    base = None
    if what.base_image is not None and what.base != "bootstrap":
        base = _pulled_base(client, what.base_image, or_else=what.base == "auto")
    base = base or _bootstrapped_base(client, what)
    _check_python(client, base)
    return base


def _check_python(client: Client, base: BaseImage) -> None:
    wanted = "the locks are for Python 3.11, as python3 on the PATH"
    try:
        seen = ask(client, image=base.id, command=["python3", "--version"]).strip()
    except ImageError as error:
        raise ImageError(f"no Python runs in the base ({base.origin}), and {wanted}", "name another base") from error
    if not seen.startswith("Python 3.11."):
        raise ImageError(f"the base ({base.origin}) has {seen}, and {wanted}", "name another base")


def _pulled_base(client: Client, reference: str, *, or_else: bool) -> BaseImage | None:
    """The base from a registry; None if it cannot be had and there is another way."""
    say(f"taking the base {reference} ...")
    try:
        identifier = images.pull(client, reference)
    except ImageError as error:
        if not or_else:
            raise
        say(f"{error}; bootstrapping one instead")
        return None
    return BaseImage(identifier, f"registry: {reference}", images.read(client, identifier).identity)


def _bootstrapped_base(client: Client, what: Recipe) -> BaseImage:
    wanted = recipe.base_identity(base="bootstrap", base_image=None, root=what.root)
    identifier = images.find(client, {LABEL: "base", RECIPE: wanted})
    if identifier is None:
        suite = read_recipe(what.common / "debian.toml").suite
        say(f"bootstrapping a base from Debian {suite}'s packages (about a minute) ...")
        with tempfile.TemporaryDirectory(prefix=".base-", dir=what.cache) as folder:
            rootfs = Path(folder, "rootfs.tar")
            bootstrap(target=rootfs, root=what.root)
            with rootfs.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                file.seek(0)
                origin = f"bootstrap: Debian {suite}, rootfs sha256:{digest}"
                labels = {LABEL: "base", RECIPE: wanted, ORIGIN: origin}
                identifier = engine.import_image(client, rootfs=file, labels=labels)
        client.images.get(identifier).tag("threadmark/base", tag=wanted)  # untagged images get pruned
    origin = images.attributes(client, identifier)["Config"]["Labels"][ORIGIN]
    return BaseImage(identifier, origin, images.read(client, identifier).identity)
