"""Where a launch mounts the user's model, and by which names its files are known there."""

from pathlib import Path

MOUNTED = Path("/opt/threadmark/model")

# A folder with a SavedModel or model.py, a Keras archive, a model in HDF5, a frozen graph: one of these.
MODELS = ("model", "model.keras", "model.h5", "model.pb")

# One of these, or none.
INPUTS = ("inputs.npz", "inputs.npy", "inputs.json")

COMPLETE = "complete"  # the last file that is put there
