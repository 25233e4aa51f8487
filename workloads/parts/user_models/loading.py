"""Loads a user's model, of whichever kind it is. What goes wrong is a ModelError."""

import random
from pathlib import Path

import numpy as np

from workloads.parts.user_models.frozen_graph import load_frozen_graph
from workloads.parts.user_models.keras_model import load_keras
from workloads.parts.user_models.model import Model, Wanted
from workloads.parts.user_models.python_file import load_python
from workloads.parts.user_models.saved_model import load_saved_model
from workloads.parts.user_models.words import ModelError


def load(path: Path, wanted: Wanted, seed: int) -> Model:
    """Load the model; raises ModelError if it does not load. `seed` fixes weights that a Python file draws."""
    import tensorflow as tf

    random.seed(seed)
    np.random.seed(seed)
    tf.random.set_seed(seed)
    if path.is_dir():
        return load_saved_model(path, wanted)
    if path.suffix == ".pb":
        return load_frozen_graph(path, wanted.signature)
    if wanted.signature:
        raise ModelError(
            f"`signature: {wanted.signature}` is for a SavedModel or a frozen graph, and this is neither; leave it out"
        )
    if path.suffix in (".keras", ".h5"):
        return load_keras(path, wanted)
    return load_python(path, wanted)
