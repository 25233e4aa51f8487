"""A file with a model's inputs, checked on the host as far as it says something by itself. Pure."""

from __future__ import annotations

import json
import zipfile
import zlib
from pathlib import Path

import numpy as np

from containers.plan.user_models.error import ModelFileError

_WANTED = "give an .npz file of plain arrays, as numpy.savez writes it, one array as .npy, or TensorFlow Serving's JSON"


def input_files(path: Path) -> dict[str, Path]:
    """The file by its name in a container. Raises ModelFileError if it can be no inputs, or OSError."""
    if not path.exists():
        raise ModelFileError(f"inputs {path} does not exist", "give an .npz file, or leave `inputs` out")
    checks = {".npz": _require_npz, ".npy": _require_npy, ".json": _require_json}
    if not path.is_file() or path.suffix not in checks:
        raise ModelFileError(f"inputs {path} is no .npz, .npy or .json file", _WANTED)
    checks[path.suffix](path)
    return {f"inputs{path.suffix}": path}


def _require_npz(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        raise ModelFileError(f"inputs {path} is no .npz file", _WANTED)
    try:
        with np.load(path, allow_pickle=False) as arrays:
            names = [name for name in arrays.files if isinstance(arrays[name], np.ndarray)]
            others = set(arrays.files).difference(names)
    except (ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelFileError(f"inputs {path} cannot be read ({' '.join(str(error).split())})", _WANTED) from None
    if others or not names:
        raise ModelFileError(f"inputs {path} holds {', '.join(sorted(others)) or 'no arrays'}", _WANTED)


def _require_npy(path: Path) -> None:
    try:
        with path.open("rb") as file:
            array = np.load(file, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise ModelFileError(f"inputs {path} cannot be read ({' '.join(str(error).split())})", _WANTED) from None
    if not isinstance(array, np.ndarray):
        raise ModelFileError(f"inputs {path} is no .npy file", _WANTED)


def _require_json(path: Path) -> None:
    wanted = 'write {"instances": [...]} or {"inputs": {...}}, as TensorFlow Serving takes it'
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"inputs {path} is no JSON ({' '.join(str(error).split())})", wanted) from None
    keys = set(content) if isinstance(content, dict) else set()
    if "signature_name" in keys:
        raise ModelFileError(f"inputs {path} names a signature", "write it as the workload's `signature` instead")
    if keys not in ({"instances"}, {"inputs"}):
        raise ModelFileError(f"inputs {path} has not just one of the keys instances and inputs", wanted)
