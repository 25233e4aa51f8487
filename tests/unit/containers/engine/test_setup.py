"""Finding an engine, and what is said where there is none. No engine is needed for these."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import docker.errors
import pytest
import requests.exceptions

from containers.engine import connection as engine
from containers.engine import gpus
from containers.engine import setup as setup_engine
from containers.engine.__main__ import main
from workloads.vocabulary.errors import EngineError


@pytest.fixture
def dead_port() -> Iterator[int]:
    """A loopback port that is taken, and where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_dead_docker_host_is_named_and_no_other_engine_is_taken(
    dead_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{dead_port}")
    monkeypatch.setattr(engine, "sockets", lambda: pytest.fail("another engine was looked for"))
    with pytest.raises(EngineError, match=rf"DOCKER_HOST names tcp://127\.0\.0\.1:{dead_port}.*connection refused"):
        engine.connect()


@pytest.mark.parametrize(("host", "reason"), [("unix:///absent.sock", "no such file"), ("nonsense://x", "nonsense")])
def test_an_impossible_docker_host_is_named(host: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    with pytest.raises(EngineError, match=rf"DOCKER_HOST names {host}.*{reason}"):
        engine.connect()


def test_where_no_engine_is_found_the_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(engine, "sockets", lambda: [tmp_path / "absent.sock"])
    with pytest.raises(EngineError, match=r"install Docker .* or Podman .*containers\.engine`") as caught:
        engine.connect()
    assert "\n" not in str(caught.value)


def test_a_socket_that_nobody_serves_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    stale = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as served:
        served.bind(str(stale))
    monkeypatch.setattr(engine, "sockets", lambda: [stale])
    with pytest.raises(EngineError, match=r"docker\.sock: connection refused.*start one"):
        engine.connect()


def test_the_sockets_of_a_user_are_looked_for_in_the_users_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/7")
    assert [str(path) for path in engine.sockets()] == [
        "/var/run/docker.sock",
        "/run/user/7/docker.sock",
        "/run/user/7/podman/podman.sock",
        "/run/podman/podman.sock",
    ]
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert [str(path) for path in engine.sockets()] == ["/var/run/docker.sock", "/run/podman/podman.sock"]


@pytest.mark.parametrize(
    "error",
    [
        docker.errors.APIError("refused", explanation="no space left on device"),
        docker.errors.DockerException("no space left on device"),
        requests.exceptions.ConnectionError("no space left on device"),
        ConnectionResetError("no space left on device"),
    ],
)
def test_every_way_in_which_an_engine_fails_becomes_one_sentence(error: Exception) -> None:
    with (
        pytest.raises(EngineError, match=r"the container engine .* while reading.*no space left"),
        engine.engine_errors("reading"),
    ):
        raise error


def test_a_refusal_is_told_from_a_container_that_had_the_device_and_nothing_to_execute() -> None:
    """Messages of Docker 20.10 and of the NVIDIA toolkit's hook."""
    absent = 'could not select device driver "" with capabilities: [[gpu]]'
    assert "NVIDIA Container Toolkit" in str(gpus.read_refusal(absent))
    hook = "OCI runtime create failed: error running hook #0: nvidia-container-cli: initialization error: /absent"
    assert "nvidia-container-cli" in str(gpus.read_refusal(hook))
    had_it = 'OCI runtime create failed: exec: "/absent": stat /absent: no such file or directory: unknown'
    assert gpus.read_refusal(had_it) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("ID=debian\n", True), ('NAME="x"\nID="ubuntu"\n', True), ("ID=fedora\nID_LIKE=debian\n", False), ("", False)],
)
def test_only_debian_and_ubuntu_get_packages_installed(tmp_path: Path, text: str, expected: bool) -> None:
    (tmp_path / "os-release").write_text(text)
    assert setup_engine.is_debian(tmp_path / "os-release") is expected


def test_a_machine_without_os_release_is_no_debian(tmp_path: Path) -> None:
    assert not setup_engine.is_debian(tmp_path / "absent")


def test_without_root_nothing_is_installed_and_the_sentence_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(EngineError, match="install Docker"):
        setup_engine.provide_daemon(absent=EngineError("install Docker"), os_release=tmp_path / "os-release")


def test_on_another_distribution_root_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    (tmp_path / "os-release").write_text("ID=fedora\n")
    with pytest.raises(EngineError, match=r"neither Debian nor Ubuntu.*install Docker or Podman"):
        setup_engine.provide_daemon(absent=EngineError("x"), os_release=tmp_path / "os-release")


def test_a_dead_docker_host_installs_nothing(dead_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{dead_port}")
    monkeypatch.setattr(setup_engine, "provide_daemon", lambda **_: pytest.fail("another engine was set up"))
    assert main([]) == 2


@pytest.mark.parametrize("content", ["", "nonsense", "999999999", "our own"])
def test_a_pid_file_counts_only_if_a_dockerd_has_that_number(tmp_path: Path, content: str) -> None:
    """The last is this test's own process: alive, and no dockerd."""
    (tmp_path / "docker.pid").write_text(str(os.getpid()) if content == "our own" else content)
    assert setup_engine.running_daemon(tmp_path / "docker.pid") is None
    assert setup_engine.running_daemon(tmp_path / "absent") is None
