"""What stands in a .keras file: which Keras wrote it, and the names of its weights."""

import json
import tempfile
import zipfile
from pathlib import Path

_WEIGHTS = "model.weights.h5"


def written_by(path: Path) -> str:
    """The version of Keras that wrote an archive; empty if it does not say."""
    with zipfile.ZipFile(path) as archive:
        if "metadata.json" not in archive.namelist():
            return ""
        return str(json.loads(archive.read("metadata.json")).get("keras_version", ""))


def with_slashes(path: Path) -> Path:
    """The archive as it is; of one that Keras 2 wrote on Windows, a copy that can be read anywhere.

    There it named weights ``layers\\dense``, which elsewhere is found as "expected 2 variables, but received 0".
    """
    import h5py

    with zipfile.ZipFile(path) as archive:
        if _WEIGHTS not in archive.namelist():
            return path
        folder = Path(tempfile.mkdtemp())
        archive.extract(_WEIGHTS, folder)
        with h5py.File(folder / _WEIGHTS) as weights:
            if not any("\\" in name for name in weights):
                (folder / _WEIGHTS).unlink()
                return path
            with h5py.File(folder / "renamed.h5", "w") as renamed:
                for name in weights:
                    weights.copy(name, renamed, name.replace("\\", "/"))
        copy = folder / path.name
        with zipfile.ZipFile(copy, "w") as target:
            for name in archive.namelist():
                if name == _WEIGHTS:
                    target.write(folder / "renamed.h5", name)
                else:
                    target.writestr(name, archive.read(name))
    return copy
