"""What a run that was killed left in the engine."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import docker
import docker.errors
import docker.types

from containers.engine.connection import Client, engine_errors
from containers.engine.container import remove
from containers.engine.labels import LABEL, LAUNCH, PROBE


def remove_leftovers(client: Client) -> list[str]:
    """Remove what a killed run left behind: its launches and probes, running or not, and say which.

    Only for those who hold the machine's lock: another run's probe looks the same.
    """
    removed = []
    with engine_errors("removing what a run that was stopped left behind"):
        for container in [*_ours(client, LAUNCH), *_ours(client, PROBE)]:
            remove(container)
            removed.append(str(container.name))
        for image in client.api.images(filters={"label": f"{LABEL}={PROBE[LABEL]}"}, quiet=True):
            with suppress(docker.errors.ImageNotFound):
                client.images.remove(image, force=True)
                removed.append(str(image))
    return removed


def _ours(client: Client, labels: dict[str, str]) -> list[Any]:
    wanted = [f"{key}={value}" for key, value in labels.items()]
    return list(client.containers.list(all=True, filters={"label": wanted}, ignore_removed=True))
