"""The engine's own answers, and a daemon of our own making."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import docker.errors
import pytest
from docker import DockerClient
from docker.models.containers import Container

from containers.engine import connection as engine
from containers.engine import gpus
from containers.engine import setup as setup_engine
from containers.engine.__main__ import main
from containers.engine.container import fleeting
from containers.engine.labels import LABEL, LAUNCH, PROBE
from containers.engine.leftovers import remove_leftovers
from workloads.vocabulary.errors import EngineError
from workloads.vocabulary.inventory import Receipt


def test_the_engine_describes_itself(client: DockerClient) -> None:
    seen = engine.describe(client)
    assert set(seen) == {"name", "version", "api", "storage", "cgroup", "rootless", "architecture"}
    assert seen["name"] in {"docker", "podman"}
    assert re.fullmatch(r"\d+\.\d+", seen["api"])
    assert re.fullmatch(r"v[12] (cgroupfs|systemd)", seen["cgroup"])
    assert seen["rootless"] in {"yes", "no"}


def test_docker_host_names_the_engine_that_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = [path for path in engine.sockets() if path.exists()][:1]
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    monkeypatch.setattr(engine, "sockets", lambda: [])
    client = engine.connect()
    assert client.ping()
    client.close()


def test_an_interrupt_waits_until_the_container_is_known_and_then_it_goes(client: DockerClient, cpu: Receipt) -> None:
    made = []

    def create() -> Container:
        os.kill(os.getpid(), signal.SIGINT)
        made.append(client.containers.create(cpu.image.id, ["sleep", "60"], labels=PROBE, network_mode="none"))
        return made[0]

    with pytest.raises(KeyboardInterrupt), fleeting(create):
        pytest.fail("the block was entered")
    with pytest.raises(docker.errors.NotFound):
        made[0].reload()


def test_only_what_runs_of_ours_left_is_removed_running_or_not(client: DockerClient, cpu: Receipt) -> None:
    made = [
        client.containers.create(cpu.image.id, ["sleep", "60"], labels=labels, network_mode="none")
        for labels in (LAUNCH, LAUNCH, PROBE, {LABEL: "somebody"}, {})
    ]
    image = engine.empty_image(client)  # as asking for a GPU makes it
    result = made[:3]
    try:
        made[0].start()
        removed = remove_leftovers(client)
        assert {image, *(str(container.name) for container in result)} <= set(removed)
        for container in result:
            with pytest.raises(docker.errors.NotFound):
                container.reload()
        for container in made[3:]:
            container.reload()  # still there
        assert remove_leftovers(client) == []
    finally:
        for container in made:
            with suppress(docker.errors.NotFound):
                container.remove(force=True)


def test_a_gpu_is_there_or_the_reason_is_one_sentence(client: DockerClient) -> None:
    reason = gpus.missing(client)
    if gpus.names():
        assert reason is None or "\n" not in str(reason)
    else:
        assert str(reason) == "no NVIDIA driver with a GPU on this machine"


@pytest.mark.skipif(bool(gpus.names()), reason="this machine has a GPU")
def test_an_engine_without_a_gpu_is_asked_and_nothing_is_left_of_the_question(client: DockerClient) -> None:
    images = {image.id for image in client.images.list(all=True)}
    assert "NVIDIA Container Toolkit" in str(gpus.refused(client))
    assert {image.id for image in client.images.list(all=True)} == images
    assert client.containers.list(all=True, filters={"label": "threadmark=probe"}) == []


def test_an_engine_that_runs_is_left_as_it_is(client: DockerClient, capsys: pytest.CaptureFixture[str]) -> None:
    before = client.info()["ID"], setup_engine.running_daemon(setup_engine.PID_FILE)
    assert main([]) == 0
    assert (client.info()["ID"], setup_engine.running_daemon(setup_engine.PID_FILE)) == before
    assert "container engine: " in capsys.readouterr().err


needs_dockerd = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("dockerd", path="/usr/sbin:/usr/bin:/usr/local/bin") is None,
    reason="only root starts a dockerd",
)

Daemon = Callable[..., int]


@pytest.fixture
def second_daemon(tmp_path: Path) -> Iterator[Daemon]:
    """Start a dockerd beside the one that runs, with everything of its own under `tmp_path`.

    In a network of its own too: told to use no bridge, it would delete the other daemon's.
    """
    started: list[int] = []

    def start(*arguments: str) -> int:
        line = [
            *("unshare", "--net", "dockerd", "--bridge=none", "--iptables=false", f"--data-root={tmp_path}/data"),
            *(f"--exec-root={tmp_path}/exec", f"--pidfile={tmp_path}/pid", f"--host=unix://{tmp_path}/sock"),
            *arguments,
        ]
        host = f"unix://{tmp_path}/sock"
        pid = setup_engine.start_daemon(line, pid_file=tmp_path / "pid", log=tmp_path / "log", host=host)
        started.append(pid)
        return pid

    bridge = Path("/sys/class/net/docker0").exists()
    yield start
    assert Path("/sys/class/net/docker0").exists() == bridge
    for pid in started:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


@needs_dockerd
def test_a_daemon_starts_without_systemd_past_the_pid_file_of_a_dead_one(tmp_path: Path, second_daemon: Daemon) -> None:
    (tmp_path / "pid").write_text(str(os.getpid()))  # alive, and no dockerd
    pid = second_daemon()
    assert setup_engine.running_daemon(tmp_path / "pid") == pid
    assert os.getsid(pid) == pid  # Ctrl-C here does not reach it
    client = engine.connect(f"unix://{tmp_path}/sock")
    assert client.images.list() == []
    client.close()


@needs_dockerd
def test_a_daemon_that_cannot_start_is_quoted(second_daemon: Daemon) -> None:
    with pytest.raises(EngineError, match=r"dockerd does not answer \(.*unknown flag: --nonsense"):
        second_daemon("--nonsense")


def test_a_daemon_that_never_answers_is_ended_and_its_log_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup_engine, "_START_S", 1.0)
    line = [sys.executable, "-c", "import time; print('waiting for godot', flush=True); time.sleep(60)"]
    with pytest.raises(EngineError, match=rf"waiting for godot.*{tmp_path}/log"):
        setup_engine.start_daemon(line, pid_file=tmp_path / "pid", log=tmp_path / "log", host=f"unix://{tmp_path}/sock")
