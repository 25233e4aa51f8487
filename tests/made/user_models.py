"""Users' own models for tests on the real engine: made in the image, provided in a volume, launched."""

from __future__ import annotations

import base64
import io
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from docker import DockerClient

from containers.launch.outcome import judge
from containers.launch.prepared import Launch, prepare
from containers.launch.volumes import provide
from containers.plan.user_models.description import describe
from tests.made.launching import ending_of
from workloads.vocabulary.inventory import Receipt
from workloads.vocabulary.plan import Cell
from workloads.vocabulary.record import Failure, Limits, Measurement, Setting, Status, Timing

InImage = Callable[..., str]

# One model with two inputs, in both of TensorFlow's forms; everything else is made from these.
MAKE = """
import base64, io, os, tarfile
out = os.fdopen(os.dup(1), "wb"); os.dup2(2, 1)
import tensorflow as tf
from tensorflow import keras
features, ids = keras.Input((12,), name="features"), keras.Input((None,), name="ids", dtype="int32")
mean = keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(50, 8)(ids))
model = keras.Model([features, ids], keras.layers.Dense(3)(keras.layers.Concatenate()([features, mean])))
model.save("/tmp/net.keras")
model.export("/tmp/net")
buffer = io.BytesIO()
with tarfile.open(fileobj=buffer, mode="w") as archive:
    for name in ("net.keras", "net"):
        archive.add(f"/tmp/{name}", name)
out.write(base64.encodebytes(buffer.getvalue()))
out.close()
"""

LINEAR = """
import ctypes
import tensorflow as tf

def build_model(batch):
    print("printed by Python")
    ctypes.CDLL(None).puts(b"printed by C")
    weights = tf.random.normal((6, 4))
    return lambda x: {"y": x @ weights, "best": tf.argmax(x @ weights, axis=1)}, (tf.ones((batch, 6)),)
"""


@dataclass
class Outcome:
    """How a launch ended."""

    status: Status
    measurement: Measurement | None
    failure: Failure | None

    @property
    def words(self) -> str:
        """The failure's message and the last lines of standard error."""
        assert self.failure is not None
        return "\n".join([self.failure.message, *self.failure.stderr])


RunModel = Callable[..., Outcome]
ReadyModel = Callable[..., tuple[Cell, Launch]]


@pytest.fixture(scope="session")
def nets(in_image: InImage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with net.keras and net/, a SavedModel."""
    folder = tmp_path_factory.mktemp("nets")
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(in_image(MAKE)))) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture
def ready_model(client: DockerClient, cpu: Receipt, cpus: list[int]) -> Iterator[ReadyModel]:
    """A cell and a launch of a model, its volume filled; the volumes are removed in the end."""
    made = set()

    def prepared(path: Path, inputs: Path | None = None, timeout_s: float = 60.0, **params: Any) -> tuple[Cell, Launch]:
        model = describe("mine", path, inputs)
        made.add(model.volume)
        provide(client, model, cpu.image.id)
        limits = Limits(memory_bytes=2 * 2**30, pids=256, timeout_s=timeout_s)
        timing, setting = Timing(0.05, 0.1, 3, 0.001), Setting("0", {}, {})
        cell = Cell("test", "?", "mine", "user_model", params, [setting], "0", 1, "0", timing, limits, 1, model=model)
        return cell, prepare(cell, setting, cpus, {"cpu": cpu.image})

    yield prepared
    for name in made:
        client.volumes.get(name).remove()


@pytest.fixture
def run_model(client: DockerClient, ready_model: ReadyModel) -> RunModel:
    """Launches a model and judges how it ended."""

    def launched(path: Path, inputs: Path | None = None, timeout_s: float = 60.0, **params: Any) -> Outcome:
        cell, prepared = ready_model(path, inputs, timeout_s, **params)
        return Outcome(*judge(ending_of(client, cell, prepared), timeout_s))

    return launched


def written(path: Path, text: str) -> Path:
    """A file with this text."""
    path.write_text(text)
    return path


def npz(path: Path, **arrays: Any) -> Path:
    """A file of arrays."""
    np.savez(path, **arrays)
    return path
