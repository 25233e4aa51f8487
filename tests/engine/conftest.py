"""The real engine and the real CPU image. Without an engine these tests fail: they are what the suite is for."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docker import DockerClient

from containers.engine import connection as engine
from containers.engine.container import RESTRICTIONS
from containers.engine.environment import padded
from containers.engine.labels import PROBE
from containers.engine.leftovers import remove_leftovers
from containers.images import build
from tests.made.user_models import nets, ready_model, run_model
from workloads.vocabulary import documents
from workloads.vocabulary.inventory import Receipt

__all__ = ["nets", "ready_model", "run_model"]

InImage = Callable[..., str]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs the engine."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.engine)


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_is_heard() -> None:
    """A shell's background jobs ignore Ctrl-C, and so would all that these tests start."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def client() -> Iterator[DockerClient]:
    client = engine.connect()
    remove_leftovers(client)  # of an earlier test run that was killed
    yield client
    client.close()


@pytest.fixture(scope="session")
def cpu(tmp_path_factory: pytest.TempPathFactory) -> Receipt:
    """The CPU image's receipt; builds the image if this is the first use of its recipe."""
    out = tmp_path_factory.mktemp("images") / "cpu.json"
    assert build.main(["--image", "cpu", "--base", "bootstrap", "--out", str(out)]) == 0
    return documents.read(Receipt, out)


@pytest.fixture(scope="session")
def in_image(client: DockerClient, cpu: Receipt) -> InImage:
    """Run Python code in the CPU image, closed off like a launch; gives its standard output."""

    def run(code: str, **environment: str) -> str:
        output: bytes = client.containers.run(
            cpu.image.id,
            ["python3", "-c", code],
            entrypoint=[],
            environment=padded(environment, []),
            labels=PROBE,
            remove=True,
            **RESTRICTIONS,
        )
        return output.decode()

    return run


@pytest.fixture
def cpus() -> list[int]:
    return sorted(os.sched_getaffinity(0))
