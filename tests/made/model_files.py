"""Files that look like users' models from outside, for tests without TensorFlow."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from containers.plan.user_models.description import describe
from workloads.vocabulary.errors import ConfigError

HDF5 = b"\x89HDF\r\n\x1a\n"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 27018138\n"


def saved(path: Path, *unnamed: Any, **arrays: Any) -> Path:
    """An .npz file."""
    np.savez(path, *unnamed, **arrays)
    return path


def saved_model(root: Path, graph: bytes = b"graph") -> Path:
    """What looks like a SavedModel's folder."""
    (root / "variables").mkdir(parents=True)
    (root / "saved_model.pb").write_bytes(graph)
    (root / "variables/variables.index").write_bytes(b"index")
    return root


def keras_archive(path: Path, *layers: dict[str, Any], version: str = "3.15.1") -> Path:
    """What looks like a .keras file."""
    config = {"module": "keras", "class_name": "Sequential", "config": {"layers": list(layers)}}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": version}))
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", HDF5)
    return path


def refusal(path: Path, inputs: Path | None = None) -> str:
    """The one sentence that a path gets which holds no model that runs, or no inputs."""
    with pytest.raises(ConfigError) as caught:
        describe("mine", path, inputs)
    assert str(caught.value).startswith("config: workloads.mine: ")
    assert "\n" not in str(caught.value)
    return str(caught.value)
