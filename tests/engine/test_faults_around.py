"""What happens to a run from outside: its engine goes away, its image, its clock; nothing measured is lost.

On a dockerd of the tests' own, which holds a stand-in for the measured program.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient

from containers.engine import connection as engine
from tests.made import stand_in
from tests.made.daemons import Dockerd
from tests.made.remote import Wire
from workloads.vocabulary import documents
from workloads.vocabulary.inventory import Receipt
from workloads.vocabulary.record import Record

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        os.geteuid() != 0 or shutil.which("dockerd", path="/usr/sbin:/usr/bin:/usr/local/bin") is None,
        reason="only root starts a dockerd",
    ),
]

ROUND = 3  # settings, and so launches


@pytest.fixture(scope="module")
def daemon() -> Iterator[Dockerd]:
    # A socket's path has room for a hundred characters.
    daemon = Dockerd(Path(tempfile.mkdtemp(prefix="threadmark-dockerd-")))
    daemon.start()
    yield daemon
    daemon.remove()


@pytest.fixture(scope="module")
def base(client: DockerClient, cpu: Receipt, daemon: Dockerd) -> str:
    """The real image's base, carried over to the tests' own engine."""
    own = engine.connect(daemon.host)
    (loaded,) = own.images.load(client.images.get(stand_in.base(client)).save())
    own.close()
    return str(loaded.id)


@pytest.fixture(scope="module")
def receipt(daemon: Dockerd, base: str, tmp_path_factory: pytest.TempPathFactory) -> Receipt:
    """The stand-in, in the tests' own engine."""
    own = engine.connect(daemon.host)
    made = stand_in.build(own, base, tmp_path_factory.mktemp("stand-in"), seconds=1.0)
    own.close()
    return made


@pytest.fixture
def own(daemon: Dockerd) -> Iterator[DockerClient]:
    """The tests' own engine; nothing of ours is in it in the end."""
    client = engine.connect(daemon.host)
    yield client
    assert client.containers.list(all=True, filters={"label": "threadmark"}) == []
    client.close()


def wait_for_launch(client: DockerClient) -> None:
    """Until the launches of a round are up."""
    deadline = time.monotonic() + 60
    while len(measuring(client)) < ROUND:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.3)


def measuring(client: DockerClient) -> list[Any]:
    """The launches that are up; the canary is none."""
    result = client.containers.list(filters={"label": "threadmark=launch"}, ignore_removed=True)
    return [container for container in result if "workloads.harness.supervisor" in container.attrs["Config"]["Cmd"]]


def whole(records: list[Record]) -> bool:
    """Every setting once, in order, with a measurement."""
    return (
        [record.position for record in records] == list(range(1, ROUND + 1))
        and len({record.setting.id for record in records}) == ROUND
        and {record.status for record in records} == {"ok"}
    )


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_daemon_is_restarted_in_the_middle_of_a_round(
    daemon: Dockerd, receipt: Receipt, tmp_path: Path, number: int
) -> None:
    cell = stand_in.prepare(tmp_path, receipt)
    runner = stand_in.start(tmp_path, cell, 1, DOCKER_HOST=daemon.host)
    client = engine.connect(daemon.host)
    wait_for_launch(client)
    client.close()
    daemon.kill(number)
    time.sleep(1.0)
    daemon.start()
    assert runner.wait(90) == 0, stand_in.said(tmp_path, 1).read_text()
    words = stand_in.said(tmp_path, 1).read_text()
    assert "stopped answering while launching" in words or "no engine answers" in words
    assert "carrying on" in words
    assert whole(stand_in.records(tmp_path, cell, 1))
    client = engine.connect(daemon.host)
    assert client.containers.list(all=True) == []
    client.close()


def test_a_remote_engine_goes_away_for_half_a_minute(
    daemon: Dockerd, receipt: Receipt, own: DockerClient, tmp_path: Path
) -> None:
    """By TCP: the daemon and the launch go on meanwhile, and nobody hears of it."""
    wire = Wire(daemon.socket)
    cell = stand_in.prepare(tmp_path, receipt)
    runner = stand_in.start(tmp_path, cell, 1, DOCKER_HOST=wire.host)
    wait_for_launch(own)
    wire.cut()
    time.sleep(30)
    assert runner.poll() is None, stand_in.said(tmp_path, 1).read_text()
    wire.mend()
    assert runner.wait(60) == 0, stand_in.said(tmp_path, 1).read_text()
    wire.cut()
    assert "waiting up to 120 s for it ..." in stand_in.said(tmp_path, 1).read_text()
    assert whole(stand_in.records(tmp_path, cell, 1))


def test_an_engine_that_never_comes_back_stops_the_run_in_words_and_a_rerun_carries_on(
    daemon: Dockerd, receipt: Receipt, own: DockerClient, tmp_path: Path
) -> None:
    wire = Wire(daemon.socket)
    cell = stand_in.prepare(tmp_path, receipt)
    runner = stand_in.start(tmp_path, cell, 1, "--engine-wait-s=2", DOCKER_HOST=wire.host)
    wait_for_launch(own)
    wire.cut()
    assert runner.wait(60) == 2
    words = stand_in.said(tmp_path, 1).read_text()
    assert "the launches so far are kept, run again to carry on" in words
    assert "Traceback" not in words
    wire.mend()
    assert stand_in.start(tmp_path, cell, 1, DOCKER_HOST=wire.host).wait(60) == 0
    wire.cut()
    assert whole(stand_in.records(tmp_path, cell, 1))


def test_an_image_that_is_deleted_between_rounds_stops_the_next_one_in_words(
    daemon: Dockerd, own: DockerClient, base: str, receipt: Receipt, tmp_path: Path
) -> None:
    second = stand_in.build(own, base, tmp_path, seconds=0.1)
    cell = stand_in.prepare(tmp_path, second)
    assert stand_in.start(tmp_path, cell, 1, DOCKER_HOST=daemon.host).wait(60) == 0
    measured = (tmp_path / cell.directory / "1.jsonl").read_bytes()
    own.images.remove(second.image.id, force=True)
    assert stand_in.start(tmp_path, cell, 2, DOCKER_HOST=daemon.host).wait(60) == 2
    assert "is gone from the engine; run `snakemake --cores 1 --forcerun image`" in (
        stand_in.said(tmp_path, 2).read_text()
    )
    documents.write(tmp_path / "images/cpu.json", replace(second, image=receipt.image))
    assert stand_in.start(tmp_path, cell, 2, DOCKER_HOST=daemon.host).wait(60) == 0
    assert whole(stand_in.records(tmp_path, cell, 2))
    assert (tmp_path / cell.directory / "1.jsonl").read_bytes() == measured


def test_the_cycles_of_a_pause_are_set_aside_and_others_made_in_their_place(
    daemon: Dockerd, own: DockerClient, receipt: Receipt, tmp_path: Path
) -> None:
    cell = stand_in.prepare(tmp_path, receipt)
    runner = stand_in.start(tmp_path, cell, 1, DOCKER_HOST=daemon.host)
    wait_for_launch(own)
    held = measuring(own)[0]
    held.pause()
    time.sleep(2.0)
    held.unpause()
    assert runner.wait(60) == 0, stand_in.said(tmp_path, 1).read_text()
    records = stand_in.records(tmp_path, cell, 1)
    assert whole(records)
    for record in records:
        assert not all(record.turns.kept)
        assert sum(record.turns.kept) >= cell.timing.cycles or len(record.turns.kept) == 2 * cell.timing.cycles


def test_a_launch_that_stays_suspended_is_a_timeout_and_goes(
    daemon: Dockerd, own: DockerClient, receipt: Receipt, tmp_path: Path
) -> None:
    cell = stand_in.prepare(tmp_path, receipt, limits={"timeout_s": 10})
    runner = stand_in.start(tmp_path, cell, 1, DOCKER_HOST=daemon.host)
    wait_for_launch(own)
    measuring(own)[0].pause()
    assert runner.wait(60) == 0, stand_in.said(tmp_path, 1).read_text()
    records = stand_in.records(tmp_path, cell, 1)
    assert sorted(record.status for record in records) == ["ok"] * (ROUND - 1) + ["timeout"]
