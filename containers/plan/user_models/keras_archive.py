"""A .keras file on the host, where there is no Keras: is it whole, and does it need code of its user? Pure."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from containers.plan.user_models.error import ModelFileError


def require_keras_archive(path: Path) -> None:
    """Raise ModelFileError if the archive is damaged, is no model, or has a class that its file does not hold."""
    try:
        with zipfile.ZipFile(path) as archive:
            config = json.loads(archive.read("config.json"))
    except KeyError:
        raise ModelFileError(f"model {path} is an archive without config.json", "save it by model.save()") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
        raise ModelFileError(
            f"model {path} is a damaged archive ({' '.join(str(error).split())})", "save or copy it again"
        ) from None
    if classes := sorted(set(_own_classes(config))):
        raise ModelFileError(
            f"model {path} needs the class {', '.join(classes)}, whose code a .keras file does not hold",
            "save it by model.export(FOLDER) and give the folder, or give a folder with this file and a model.py that "
            "has the class and whose build_model(batch) loads the file",
        )


def _own_classes(config: object) -> Iterator[str]:
    """Classes that are in no module of Keras, as its archives name them: without a module, and registered."""
    waiting: list[Any] = [config]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if part.get("class_name") and part.get("registered_name") and part.get("module", "") is None:
                yield str(part["class_name"])
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
