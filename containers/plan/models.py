"""A user's own model on the host, identified by its content. Pure.

In a container it is a folder with one of ``model/`` (a SavedModel), ``model.keras`` and ``model.py``, and with
``inputs.npz`` if there is one. These names and the files' bytes are its content: the same model elsewhere is the same.
"""

import hashlib
import os
import zipfile
import zlib
from pathlib import Path

import numpy as np

from workloads.vocabulary.errors import ConfigError
from workloads.vocabulary.plan import UserModel

_WANTED = "a SavedModel's folder, a .keras file, or a Python file with build_model(batch)"
_BLOCK = 2**20


class ModelFileError(ConfigError):
    """A path that holds no model, or no inputs; one sentence without a place."""


def describe(workload: str, path: Path, inputs: Path | None) -> UserModel:
    """The model and its inputs by their content. Raises ConfigError if there is nothing that could be a model."""
    try:
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
    named = _model_files(path)
    if inputs is not None:
        _require_npz(inputs)
        named["inputs.npz"] = inputs
    return named


def content(named: dict[str, Path]) -> str:
    """SHA-256, in hexadecimal digits, over names, sizes and bytes in the order of the names. Raises OSError."""
    digest = hashlib.sha256()
    for name in sorted(named):
        with named[name].open("rb") as file:
            digest.update(os.fsencode(name) + b"\0" + str(os.fstat(file.fileno()).st_size).encode() + b"\0")
            while block := file.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()


def _model_files(path: Path) -> dict[str, Path]:
    if path.is_dir():
        if not ((path / "saved_model.pb").is_file() or (path / "saved_model.pbtxt").is_file()):
            raise ModelFileError(f"model {path} is a folder without saved_model.pb", f"give {_WANTED}")
        return _folder(path)
    if not path.exists():
        raise ModelFileError(f"model {path} does not exist", f"give {_WANTED}, from where the command runs")
    if not path.is_file() or path.suffix not in (".keras", ".py"):
        raise ModelFileError(f"model {path} is none", f"give {_WANTED}")
    return {f"model{path.suffix}": path}


def _folder(root: Path) -> dict[str, Path]:
    named = {}
    real = root.resolve()

    def stop(error: OSError) -> None:
        raise error

    for place, folders, names in os.walk(root, onerror=stop):
        for name in (*folders, *names):
            entry = Path(place, name)
            if entry.is_symlink() and not entry.resolve().is_relative_to(real):
                raise ModelFileError(
                    f"model {root}: the link {entry} leads out of the folder", "put a copy in its place"
                )
        for name in names:
            entry = Path(place, name)
            if not entry.is_file():
                raise ModelFileError(f"model {root}: {entry} is no file that can be copied", "remove it")
            named[f"model/{entry.relative_to(root).as_posix()}"] = entry
        if linked := [name for name in folders if Path(place, name).is_symlink()]:
            raise ModelFileError(
                f"model {root}: {Path(place, linked[0])} is a link to a folder", "put a copy in its place"
            )
    return named


def _require_npz(path: Path) -> None:
    if not path.exists():
        raise ModelFileError(f"inputs {path} does not exist", "give an .npz file, or leave `inputs` out")
    wanted = "give an .npz file of plain arrays, as numpy.savez writes it"
    if not path.is_file() or not zipfile.is_zipfile(path):
        raise ModelFileError(f"inputs {path} is no .npz file", wanted)
    try:
        with np.load(path, allow_pickle=False) as arrays:
            names = [name for name in arrays.files if isinstance(arrays[name], np.ndarray)]
            others = set(arrays.files).difference(names)
    except (ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelFileError(f"inputs {path} cannot be read ({' '.join(str(error).split())})", wanted) from None
    if others or not names:
        raise ModelFileError(f"inputs {path} holds {', '.join(sorted(others)) or 'no arrays'}", wanted)
