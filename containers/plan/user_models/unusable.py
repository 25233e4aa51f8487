"""What looks like a model and cannot run here, each with the step that makes it one that can. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from containers.plan.user_models.error import ModelFileError

_WEIGHTS = (
    "a checkpoint: weights and no model",
    "give a folder with model.py, whose build_model(batch) makes the model and loads the checkpoint beside it",
)
_TORCH = (
    "a file of PyTorch",
    "export it to ONNX, convert that with onnx2tf, and give the SavedModel's folder",
)
_ARCHIVE = ("an archive", "unpack it, and give what is in it")

# By the ends of names: what it is, and what to do.
_BY_NAME: dict[str, tuple[str, str]] = {
    ".tflite": (
        "a TensorFlow Lite model, which another runtime runs",
        "give the SavedModel or the Keras file that it was converted from",
    ),
    ".onnx": ("an ONNX model", "convert it with onnx2tf, and give the SavedModel's folder"),
    ".pt": _TORCH,
    ".pth": _TORCH,
    ".safetensors": _WEIGHTS,
    ".ckpt": _WEIGHTS,
    ".index": _WEIGHTS,
    ".meta": _WEIGHTS,
    ".weights.h5": _WEIGHTS,
    ".zip": _ARCHIVE,
    ".tar": _ARCHIVE,
    ".tgz": _ARCHIVE,
    ".gz": _ARCHIVE,
    "saved_model.pb": ("a SavedModel's graph without its variables", "give the folder that it lies in"),
    "saved_model.pbtxt": ("a SavedModel's graph without its variables", "give the folder that it lies in"),
}

# What Git writes in place of a large file: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
_POINTER = b"version https://git-lfs.github.com/spec/"
_LONGEST_POINTER = 1024


def refuse_unusable(path: Path) -> None:
    """Raise ModelFileError for a path that holds something else than a model that TensorFlow runs."""
    name = path.name.lower()
    kinds = [kind for end, kind in _BY_NAME.items() if name.endswith(end)]
    if ".data-0" in name or (path.is_dir() and _holds_a_checkpoint(path)):
        kinds = [_WEIGHTS]
    if kinds:
        what, remedy = kinds[0]
        raise ModelFileError(f"model {path} is {what}", remedy)


def refuse_pointers(path: Path, files: Iterable[Path]) -> None:
    """Raise ModelFileError if one of a model's files is a pointer of Git LFS, as a clone without LFS leaves it."""
    for file in files:
        if file.stat().st_size > _LONGEST_POINTER:
            continue
        with file.open("rb") as content:
            if content.read(len(_POINTER)) == _POINTER:
                raise ModelFileError(
                    f"model {path}: {file.name} is a pointer of Git LFS and not the file itself",
                    "run `git lfs pull` in the clone that it comes from",
                )


def _holds_a_checkpoint(path: Path) -> bool:
    if any((path / name).is_file() for name in ("saved_model.pb", "saved_model.pbtxt", "model.py")):
        return False
    return (path / "checkpoint").is_file() or any(path.glob("*.index"))
