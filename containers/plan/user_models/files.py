"""Which files a user's model is made of, and the sentence for a path that holds none that can run. Pure.

In a container they have names of their own, so that the same model elsewhere on the host is the same:

``model/``      a SavedModel's folder, or ``model/model.py`` with the files that come along
``model.keras``, ``model.h5``, ``model.pb``    a Keras archive, a model in HDF5, a frozen graph
"""

from __future__ import annotations

import os
from pathlib import Path

from containers.plan.user_models.error import ModelFileError
from containers.plan.user_models.keras_archive import require_keras_archive
from containers.plan.user_models.python_files import with_companions, within_limit
from containers.plan.user_models.unusable import refuse_pointers, refuse_unusable

WANTED = (
    "give a SavedModel's folder, a .keras or .h5 file, a frozen graph (.pb), a Python file with build_model(batch), "
    "or a folder with such a file as model.py"
)
_ZIP, _HDF5 = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"
_BLOCK = 2**20


def newest_version(path: Path) -> Path:
    """Of TensorFlow Serving's base folder, with versions as numbered folders, the newest; any other path as it is."""
    if not path.is_dir() or _is_saved_model(path):
        return path
    versions = [version for version in path.iterdir() if version.name.isdecimal() and _is_saved_model(version)]
    return max(versions, key=lambda version: int(version.name), default=path)


def model_files(path: Path) -> dict[str, Path]:
    """The files of a model by their names in a container. Raises ModelFileError, or OSError."""
    if not path.exists():
        raise ModelFileError(f"model {path} does not exist", f"{WANTED}, from where the command runs")
    refuse_unusable(path)
    if path.is_dir():
        return _of_folder(path)
    if not path.is_file():
        raise ModelFileError(f"model {path} is none", WANTED)
    return _of_file(path)


def size_of(path: Path) -> int:
    """Bytes of a model's files. Raises ModelFileError, or OSError."""
    return sum(file.stat().st_size for file in model_files(newest_version(path)).values())


def _is_saved_model(path: Path) -> bool:
    return any((path / name).is_file() for name in ("saved_model.pb", "saved_model.pbtxt"))


def _of_folder(path: Path) -> dict[str, Path]:
    if _is_saved_model(path):
        return _checked(path, _folder(path, everything=True))
    if (path / "model.py").is_file():
        return _checked(path, within_limit(path, _folder(path, everything=False)))
    raise ModelFileError(f"model {path} is a folder without saved_model.pb and without model.py", WANTED)


def _of_file(path: Path) -> dict[str, Path]:
    """A file by what is in it; a name alone tells a Python file and a graph."""
    refuse_pointers(path, [path])
    if path.suffix == ".py":
        return _checked(path, {f"model/{name}": file for name, file in with_companions(path).items()})
    with path.open("rb") as file:
        start = file.read(len(_HDF5))
    if start == _HDF5:
        _require_whole_model(path)
        return {"model.h5": path}
    if start.startswith(_ZIP) and path.suffix == ".keras":
        require_keras_archive(path)
        return {"model.keras": path}
    if path.suffix in (".keras", ".h5", ".hdf5"):
        raise ModelFileError(
            f"model {path} is neither a Keras archive nor HDF5: it is damaged, or something else", "save it again"
        )
    if path.suffix == ".pb":
        return {"model.pb": path}
    raise ModelFileError(f"model {path} is none", WANTED)


def _checked(path: Path, named: dict[str, Path]) -> dict[str, Path]:
    refuse_pointers(path, named.values())
    return named


def _require_whole_model(path: Path) -> None:
    """HDF5 holds a model and not only its weights if it has the attribute that says how the model is made."""
    mark, before = b"model_config", b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if mark in before + block:
                return
            before = block[-len(mark) :]
    raise ModelFileError(
        f"model {path} holds weights and no model",
        "give a folder with model.py, whose build_model(batch) makes the model and loads this file beside it",
    )


def _folder(root: Path, *, everything: bool) -> dict[str, Path]:
    """All files below a folder; of code, not what is hidden (.git) nor what Python keeps (__pycache__)."""
    named = {}
    real = root.resolve()

    def stop(error: OSError) -> None:
        raise error

    for place, folders, names in os.walk(root, onerror=stop):
        if not everything:
            folders[:] = [name for name in folders if not name.startswith(".") and name != "__pycache__"]
            names = [name for name in names if not name.startswith(".")]
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
