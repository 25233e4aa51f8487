"""A user's own model on the host, identified by its content. Pure.

The names that its files have in a container and the files' bytes are its content: the same model elsewhere is the same.
"""

import hashlib
import os
from pathlib import Path

from containers.plan.user_models.error import ModelFileError
from containers.plan.user_models.files import model_files, newest_version
from containers.plan.user_models.input_files import input_files
from workloads.vocabulary.errors import ConfigError
from workloads.vocabulary.plan import UserModel

_BLOCK = 2**20


def describe(workload: str, path: Path, inputs: Path | None) -> UserModel:
    """The model and its inputs by their content. Raises ConfigError if there is nothing that could be a model."""
    try:
        path = newest_version(path)
        identity = content(files(path, inputs))
    except ModelFileError as error:
        raise ConfigError(f"config: workloads.{workload}: {error.what}", error.remedy) from None
    except OSError as error:
        raise ConfigError(
            f"config: workloads.{workload}: {error.filename} cannot be read ({error.strerror})", "make it readable"
        ) from None
    return UserModel(path=str(path), inputs=None if inputs is None else str(inputs), content=identity)


def files(path: Path, inputs: Path | None) -> dict[str, Path]:
    """The files of a model and its inputs, by their names in a container. Raises ModelFileError, or OSError."""
    return model_files(path) | ({} if inputs is None else input_files(inputs))


def content(named: dict[str, Path]) -> str:
    """SHA-256, in hexadecimal digits, over names, sizes and bytes in the order of the names. Raises OSError."""
    digest = hashlib.sha256()
    for name in sorted(named):
        with named[name].open("rb") as file:
            digest.update(os.fsencode(name) + b"\0" + str(os.fstat(file.fileno()).st_size).encode() + b"\0")
            while block := file.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()
