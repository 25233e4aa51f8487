"""Recipe -> image + receipt: a base, the environment on it, and the measured code as the last layer.

python -m containers.images.build --image cpu --base auto --out results/MACHINE/images/cpu.json
"""

import json
import time
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from containers.engine import connection as engine
from containers.engine.connection import Client
from containers.engine.labels import LABEL
from containers.engine.question import ask
from containers.images import recipe
from containers.images import store as images
from containers.images.bases import BASE_CONTENT, NAME, ORIGIN, RECIPE, BaseImage, provide_base
from containers.images.census import provide_census
from containers.images.own import provide_from_folder, provide_own
from containers.images.recipe import Recipe
from containers.images.wheels import fetch
from containers.machine_lock import alone
from containers.notices import say
from workloads.vocabulary import documents
from workloads.vocabulary.command_line import parser_of
from workloads.vocabulary.errors import DocumentError, ImageError, command
from workloads.vocabulary.inventory import Receipt
from workloads.vocabulary.record import ImageIdentity

_BUILD_S = f"{LABEL}.build-s"

_ABOUT_TENSORFLOW = """
import json, tensorflow as tf
print(json.dumps({
    "version": tf.__version__,
    "git_version": tf.version.GIT_VERSION,
    "compiler": tf.version.COMPILER_VERSION,
    "build_info": dict(tf.sysconfig.get_build_info()),
}, default=str))
"""


def provide(client: Client, what: Recipe, *, log: IO[str] | None = None) -> Receipt:
    """See to it that the engine holds an image; builds what is not there. Returns its receipt.

    Raises ConfigError, ImageError or EngineError.
    """
    context = recipe.context_identity(**what.options)
    if (architecture := engine.describe(client)["architecture"]) != "amd64":
        raise ImageError(
            f"the images are made for x86-64, and the engine's machine is {architecture}", "use another engine"
        )
    what.cache.mkdir(parents=True, exist_ok=True)
    with alone(say), engine.engine_errors(f"building the image {what.image}"):
        image = images.find(client, {LABEL: "image", NAME: what.image, RECIPE: context})
        if image is None:
            image = _build(client, what, context=context, log=log)
        return _receipt(client, what, image=image, context=context)


def _build(client: Client, what: Recipe, *, context: str, log: IO[str] | None) -> str:
    started = time.monotonic()
    labels = {LABEL: "image", RECIPE: context}
    declaration = recipe.declaration_of(what.image, what.root, what.folder)
    if declaration.from_image is not None or declaration.from_folder is not None:
        if declaration.from_image is not None:
            environment, origin = provide_own(client, declaration.from_image), f"image: {declaration.from_image}"
        else:
            environment, origin = provide_from_folder(client, what, Path(str(declaration.from_folder)), log=log)
        content = images.read(client, environment).identity
        labels |= {NAME: what.image, ORIGIN: origin, BASE_CONTENT: content}
    else:
        environment = _environment(client, what, log=log)
    census = provide_census(client, what, python=environment, log=log)
    say(f"building {what.image}: adding the workloads ...")
    return images.build(
        client,
        files={
            "Dockerfile": what.common / "suite.Dockerfile",
            **{f"suite/{name}": path for name, path in recipe.suite_files(what.root).items()},
        },
        tag=f"threadmark/{what.image}:{context}",
        arguments={"ENVIRONMENT": environment, "CENSUS": census},
        labels=labels | {_BUILD_S: f"{time.monotonic() - started:.1f}"},
        scratch=what.cache,
        log=log,
    )


def _environment(client: Client, what: Recipe, *, log: IO[str] | None) -> str:
    """All that an image holds below the measured code; its id."""
    wanted = recipe.environment_identity(**what.options)
    standing = images.find(client, {LABEL: "environment", NAME: what.image, RECIPE: wanted})
    if standing is not None:
        return standing
    return build_environment(client, what, base=provide_base(client, what), identity=wanted, log=log)


def build_environment(
    client: Client, what: Recipe, *, base: BaseImage, identity: str, log: IO[str] | None = None
) -> str:
    """Fetch the wheels, then install them on `base` without network; returns the image's id."""
    locks = [what.common / "builder.lock", what.own / "requirements.lock"]
    wheels = fetch(locks=locks, wheels=what.cache / "wheels" / what.image)
    size = sum(wheel.stat().st_size for wheel in wheels)
    say(f"building {what.image}: installing {len(wheels) - 1} packages from {size / 1e6:.0f} MB of wheels ...")
    return images.build(
        client,
        files={
            "Dockerfile": what.dockerfile,
            "recipe/install.sh": what.common / "install.sh",
            "recipe/requirements.lock": what.own / "requirements.lock",
            **{f"wheels/{wheel.name}": wheel for wheel in wheels},
        },
        tag=f"threadmark/{what.image}-environment:{identity}",
        arguments={"BASE": base.id},
        labels={
            LABEL: "environment",
            NAME: what.image,
            RECIPE: identity,
            ORIGIN: base.origin,
            BASE_CONTENT: base.content,
        },
        scratch=what.cache,
        log=log,
    )


def _receipt(client: Client, what: Recipe, *, image: str, context: str) -> Receipt:
    """An image's receipt. Reading gigabytes takes a while, so it is kept by the image's id, which fixes its bytes."""
    kept = what.cache / "receipts" / f"{image.removeprefix('sha256:')}.json"
    try:
        return documents.read(Receipt, kept)
    except DocumentError:
        pass  # none yet, or one of another format
    say(f"reading {what.image}: contents, packages and TensorFlow's build ...")
    attributes = images.attributes(client, image)
    labels = attributes["Config"]["Labels"]
    contents = images.read(client, image)
    answer = ask(client, image=image, command=["python3", "-c", _ABOUT_TENSORFLOW])
    receipt = Receipt(
        image=ImageIdentity(what.image, contents.identity, image),
        context=context,
        base=labels[ORIGIN],
        base_content=labels[BASE_CONTENT],
        size_bytes=int(attributes["Size"]),
        packages=contents.packages,
        tensorflow=json.loads(answer.splitlines()[-1]),
        engine=engine.describe(client),
        built_at=f"{str(attributes['Created'])[:19]}+00:00",
        build_s=float(labels[_BUILD_S]),
    )
    documents.write(kept, receipt)
    return receipt


def write(what: Recipe, out: Path, log_file: Path | None) -> None:
    """Provide a recipe's image and write its receipt; what the builder says is appended to `log_file`.

    Raises ConfigError, EngineError or ImageError.
    """
    recipe.check_options(**what.options)
    with ExitStack() as stack:
        client = engine.connect()
        stack.callback(client.close)
        log = None
        if log_file is not None:
            log_file.parent.mkdir(parents=True, exist_ok=True)
            log = stack.enter_context(log_file.open("a", buffering=1))
        receipt = provide(client, what, log=log)
        if what.folder is not None and (lock := what.own / "requirements.lock").exists():
            # Nothing else of the run would tell another machine what was in it.
            documents.write_text(out.with_suffix(".lock"), lock.read_text(encoding="utf-8"))
        documents.write(out, receipt)


def main(argv: list[str] | None = None) -> int:
    """Command line: provide one image and write its receipt."""
    parser = parser_of(main)
    parser.add_argument("--image", required=True, help="its name")
    parser.add_argument("--own", type=Path, help="where the folders of images lie that are none of the suite's")
    parser.add_argument("--base", default="auto", help="auto, registry, bootstrap")
    parser.add_argument("--base-image", help="NAME@sha256:DIGEST, for auto and registry")
    parser.add_argument("--out", type=Path, required=True, help="the receipt")
    parser.add_argument("--builder-log", type=Path, help="the builder's output is appended there")
    arguments = parser.parse_args(argv)
    folder = recipe.own_folder(arguments.image, arguments.own)
    what = Recipe(arguments.image, arguments.base, arguments.base_image or None, folder=folder)
    return command(lambda: write(what, arguments.out, arguments.builder_log))


if __name__ == "__main__":
    raise SystemExit(main())
