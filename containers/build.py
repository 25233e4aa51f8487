"""Recipe -> image + receipt: a base, the environment on it, and the measured code as the last layer.

python -m containers.build --image cpu --base auto --out results/MACHINE/images/cpu.json
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import docker
import docker.errors
from filelock import FileLock

from containers import documents, engine, images, recipe
from containers.bootstrap import bootstrap, read_recipe
from containers.engine import LABEL
from containers.errors import ImageError, RunError, command
from containers.fetch import fetch
from containers.notices import say
from workloads.record import ImageIdentity, Receipt

CACHE = recipe.ROOT / ".cache"

# Labels of ours on images. An image inherits its parent's, and the plain LABEL says which of them it is.
_NAME, _RECIPE = f"{LABEL}.name", f"{LABEL}.recipe"
_ORIGIN, _BASE_CONTENT, _BUILD_S = f"{LABEL}.origin", f"{LABEL}.base-content", f"{LABEL}.build-s"

_ABOUT_TENSORFLOW = """
import json, tensorflow as tf
print(json.dumps({
    "version": tf.__version__,
    "git_version": tf.version.GIT_VERSION,
    "compiler": tf.version.COMPILER_VERSION,
    "build_info": dict(tf.sysconfig.get_build_info()),
}, default=str))
"""


@dataclass(frozen=True)
class Recipe:
    """What to build, and where its files lie."""

    image: str
    base: str = "auto"
    base_image: str | None = None
    root: Path = recipe.ROOT
    cache: Path = CACHE  # wheels and receipts, kept between builds

    @property
    def own(self) -> Path:
        """The image's own files."""
        return self.root / "containers" / self.image

    @property
    def common(self) -> Path:
        """What all images share."""
        return self.root / "containers" / "base"

    @property
    def options(self) -> dict[str, Any]:
        """As `containers.recipe` takes them."""
        return {"image": self.image, "base": self.base, "base_image": self.base_image, "root": self.root}


@dataclass(frozen=True)
class BaseImage:
    """A base that the engine holds."""

    id: str
    origin: str  # how it was got, for the receipt
    content: str  # content identity


def provide(client: docker.DockerClient, what: Recipe, *, log: IO[str] | None = None) -> Receipt:
    """See to it that the engine holds an image; builds what is not there. Returns its receipt.

    Raises ConfigError, ImageError or EngineError.
    """
    context = recipe.context_identity(**what.options)
    what.cache.mkdir(parents=True, exist_ok=True)
    with FileLock(what.cache / "images.lock"), engine.engine_errors(f"building the image {what.image}"):
        image = images.find(client, {LABEL: "image", _NAME: what.image, _RECIPE: context})
        if image is None:
            image = _build(client, what, context=context, log=log)
        return _receipt(client, what, image=image, context=context)


def _build(client: docker.DockerClient, what: Recipe, *, context: str, log: IO[str] | None) -> str:
    started = time.monotonic()
    wanted = recipe.environment_identity(**what.options)
    environment = images.find(client, {LABEL: "environment", _NAME: what.image, _RECIPE: wanted})
    if environment is None:
        base = provide_base(client, what)
        environment = build_environment(client, what, base=base, identity=wanted, log=log)
    say(f"building {what.image}: adding the workloads ...")
    return images.build(
        client,
        files={
            "Dockerfile": what.common / "suite.Dockerfile",
            **{f"suite/{name}": path for name, path in recipe.suite_files(what.root).items()},
        },
        tag=f"threadmark/{what.image}:{context}",
        arguments={"ENVIRONMENT": environment},
        labels={LABEL: "image", _RECIPE: context, _BUILD_S: f"{time.monotonic() - started:.1f}"},
        scratch=what.cache,
        log=log,
    )


def provide_base(client: docker.DockerClient, what: Recipe) -> BaseImage:
    """The base: by digest from a registry if one is named and answers, else bootstrapped.

    Raises ImageError where `base: registry` cannot be had, or a base has no Python 3.11.
    """
    base = None
    if what.base_image is not None and what.base != "bootstrap":
        base = _pulled_base(client, what.base_image, or_else=what.base == "auto")
    base = base or _bootstrapped_base(client, what)
    _check_python(client, base)
    return base


def _check_python(client: docker.DockerClient, base: BaseImage) -> None:
    remedy = "the locks are for Python 3.11, as python3 on the PATH; name another base"
    try:
        seen = images.ask(client, image=base.id, command=["python3", "--version"]).strip()
    except ImageError as error:
        raise ImageError(f"no Python runs in the base ({base.origin}), and {remedy}") from error
    if not seen.startswith("Python 3.11."):
        raise ImageError(f"the base ({base.origin}) has {seen}, and {remedy}")


def _pulled_base(client: docker.DockerClient, reference: str, *, or_else: bool) -> BaseImage | None:
    """The base from a registry; None if it cannot be had and there is another way."""
    say(f"taking the base {reference} ...")
    try:
        identifier = images.pull(client, reference)
    except docker.errors.APIError as error:
        reason = str(error.explanation or error).strip()
        if or_else:
            say(f"no base from the registry ({reason}); bootstrapping one instead")
            return None
        raise ImageError(
            f"the base {reference} cannot be had ({reason}); check name, digest and registry, or use base: bootstrap"
        ) from error
    return BaseImage(identifier, f"registry: {reference}", images.read(client, identifier).identity)


def _bootstrapped_base(client: docker.DockerClient, what: Recipe) -> BaseImage:
    wanted = recipe.base_identity(base="bootstrap", base_image=None, root=what.root)
    identifier = images.find(client, {LABEL: "base", _RECIPE: wanted})
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
                labels = {LABEL: "base", _RECIPE: wanted, _ORIGIN: origin}
                identifier = engine.import_image(client, rootfs=file, labels=labels)
        client.images.get(identifier).tag("threadmark/base", tag=wanted)  # untagged images get pruned
    origin = images.attributes(client, identifier)["Config"]["Labels"][_ORIGIN]
    return BaseImage(identifier, origin, images.read(client, identifier).identity)


def build_environment(
    client: docker.DockerClient, what: Recipe, *, base: BaseImage, identity: str, log: IO[str] | None = None
) -> str:
    """Fetch the wheels, then install them on `base` without network; returns the image's id."""
    locks = [what.common / "builder.lock", what.own / "requirements.lock"]
    wheels = fetch(locks=locks, wheels=what.cache / "wheels" / what.image)
    size = sum(wheel.stat().st_size for wheel in wheels)
    say(f"building {what.image}: installing {len(wheels) - 1} packages from {size / 1e6:.0f} MB of wheels ...")
    return images.build(
        client,
        files={
            "Dockerfile": what.own / "Dockerfile",
            "recipe/install.sh": what.common / "install.sh",
            "recipe/requirements.lock": what.own / "requirements.lock",
            **{f"wheels/{wheel.name}": wheel for wheel in wheels},
        },
        tag=f"threadmark/{what.image}-environment:{identity}",
        arguments={"BASE": base.id},
        labels={
            LABEL: "environment",
            _NAME: what.image,
            _RECIPE: identity,
            _ORIGIN: base.origin,
            _BASE_CONTENT: base.content,
        },
        scratch=what.cache,
        log=log,
    )


def _receipt(client: docker.DockerClient, what: Recipe, *, image: str, context: str) -> Receipt:
    """An image's receipt. Reading gigabytes takes a while, so it is kept by the image's id, which fixes its bytes."""
    kept = what.cache / "receipts" / f"{image.removeprefix('sha256:')}.json"
    try:
        return documents.read(Receipt, kept)
    except RunError:
        pass  # none yet, or one of another format
    say(f"reading {what.image}: contents, packages and TensorFlow's build ...")
    attributes = images.attributes(client, image)
    labels = attributes["Config"]["Labels"]
    contents = images.read(client, image)
    answer = images.ask(client, image=image, command=["python3", "-c", _ABOUT_TENSORFLOW])
    receipt = Receipt(
        image=ImageIdentity(what.image, contents.identity, image),
        context=context,
        base=labels[_ORIGIN],
        base_content=labels[_BASE_CONTENT],
        size_bytes=int(attributes["Size"]),
        packages=contents.packages,
        tensorflow=json.loads(answer.splitlines()[-1]),
        engine=engine.describe(client),
        built_at=f"{str(attributes['Created'])[:19]}+00:00",
        build_s=float(labels[_BUILD_S]),
    )
    documents.write(kept, receipt)
    return receipt


def main(argv: list[str] | None = None) -> int:
    """Command line: provide one image and write its receipt."""
    parser = argparse.ArgumentParser(prog="python -m containers.build", description=__doc__)
    parser.add_argument("--image", required=True, help="cpu, cuda")
    parser.add_argument("--base", default="auto", help="auto, registry, bootstrap")
    parser.add_argument("--base-image", help="NAME@sha256:DIGEST, for auto and registry")
    parser.add_argument("--out", type=Path, required=True, help="the receipt")
    parser.add_argument("--log", type=Path, help="the builder's output goes there")
    options = parser.parse_args(argv)

    def body() -> None:
        what = Recipe(options.image, options.base, options.base_image or None)
        recipe.check_options(**what.options)
        with ExitStack() as stack:
            client = engine.connect()
            stack.callback(client.close)
            log = None
            if options.log is not None:
                options.log.parent.mkdir(parents=True, exist_ok=True)
                log = stack.enter_context(options.log.open("a", buffering=1))
            documents.write(options.out, provide(client, what, log=log))

    return command(body)


if __name__ == "__main__":
    sys.exit(main())
