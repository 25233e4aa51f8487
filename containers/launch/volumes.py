"""The volumes that carry users' models into containers: filled once, used read-only, named by their content.

A volume and not a bind mount: the engine may be on another machine. They stay in the engine for later runs, with the
label ``threadmark=model``.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

from docker.errors import NotFound
from docker.types import Mount

from containers.engine import connection as engine
from containers.engine.archive import write_archive
from containers.engine.container import fleeting
from containers.engine.labels import LABEL, PROBE
from containers.plan.user_models.description import content, files
from containers.plan.user_models.error import ModelFileError
from workloads.vocabulary.errors import EngineError, RunError
from workloads.vocabulary.mounted import COMPLETE, MOUNTED
from workloads.vocabulary.plan import UserModel

if TYPE_CHECKING:
    from docker.models.containers import Container

MODEL = {LABEL: "model"}


def mounts(model: UserModel | None) -> list[Mount]:
    """What a launch with this model mounts: nothing without one."""
    if model is None:
        return []
    return [Mount(str(MOUNTED), model.volume, type="volume", read_only=True, no_copy=True)]


def provide(client: engine.Client, model: UserModel, image: str) -> None:
    """See that the model's volume stands and is whole; `image`, an id, is only what the volume is reached through.

    Raises RunError if the files are no longer those that the plan describes, and EngineError.
    """
    name = model.volume
    with engine.engine_errors(f"putting {model.path} into a volume"):
        _require_ours(client, name)

        # Never started. A read-only root would refuse the files, though they go into the volume.
        def create() -> Container:
            mount = Mount(str(MOUNTED), name, no_copy=True)
            return client.containers.create(image, ["/absent"], labels=PROBE, network_mode="none", mounts=[mount])

        with fleeting(create) as container:
            if not _is_complete(container):
                _fill(container, model)


def _require_ours(client: engine.Client, name: str) -> None:
    try:
        volume = client.volumes.get(name)
    except NotFound:
        volume = client.volumes.create(name, labels=MODEL)
    if (volume.attrs.get("Labels") or {}).get(LABEL) != MODEL[LABEL]:
        raise EngineError(
            f"the engine's volume {name} is not this suite's", f"remove it with `docker volume rm {name}`"
        )


def _is_complete(container: Container) -> bool:
    try:
        stream, _ = container.get_archive(f"{MOUNTED}/{COMPLETE}")
    except NotFound:
        return False
    for _ in stream:  # to its end, so that the connection is given back
        pass
    return True


def _fill(container: Container, model: UserModel) -> None:
    """Put the files, then the mark: a volume that a killed run left half filled has no mark, and is filled again."""
    with tempfile.TemporaryFile() as archive:
        try:
            paths = files(Path(model.path), None if model.inputs is None else Path(model.inputs))
            write_archive(paths, archive)
            unchanged = content(paths) == model.content
        except (ModelFileError, OSError) as error:
            raise RunError(f"the model is not what the plan describes: {error}", "run snakemake again") from None
        if not unchanged:
            raise RunError(f"the model {model.path} has changed since the plan was made", "run snakemake again")
        _put(container, archive)
    with tempfile.TemporaryFile() as mark:
        write_archive({COMPLETE: Path(os.devnull)}, mark)
        _put(container, mark)


def _put(container: Container, archive: IO[bytes]) -> None:
    archive.seek(0)
    container.put_archive(str(MOUNTED), archive)
