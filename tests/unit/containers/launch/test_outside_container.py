"""Launches outside the container: what is run, and where it cannot be."""

from pathlib import Path

import pytest

from containers.host.outside import obstacle
from containers.launch import outside_container as bare
from containers.launch.prepared import Launch, prepare
from tests.made.records import cell, setting
from workloads.vocabulary.record import ImageIdentity


def prepared() -> Launch:
    image = ImageIdentity("cpu", "sha256:" + "a" * 64, "sha256:1")
    outside = setting(container=False, cpus=1, allocator="jemalloc")
    return prepare(cell(), outside, [4, 5], {"cpu": image})


def test_the_words_are_the_container_s_with_its_cpus_and_environment() -> None:
    launch = prepared()
    words = bare.command(Path("/root/of/it"), launch)
    assert not launch.container
    assert words[:3] == ["taskset", "--cpu-list", "4"]
    assert words[-len(launch.command) :] == launch.command
    inside = words[words.index("-i") :]
    assert {f"{name}={value}" for name, value in launch.environment.items()} <= set(inside)
    assert "--chdir=/opt/threadmark/suite" in inside


def test_no_variable_of_the_setting_reaches_the_host_s_own_tools() -> None:
    words = bare.command(Path("/root/of/it"), prepared())
    before = words[: words.index("/usr/bin/env")]
    assert not any("LD_PRELOAD" in word for word in before)


def test_an_engine_elsewhere_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda tool: f"/bin/{tool}")
    monkeypatch.setenv("DOCKER_HOST", "tcp://10.0.0.1:2375")
    assert obstacle() == "the engine at tcp://10.0.0.1:2375 may be on another machine"


def test_who_is_not_root_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert obstacle() == "only root can run an image's files without one"


def test_a_missing_tool_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda tool: None if tool == "unshare" else f"/bin/{tool}")
    assert obstacle() == "this machine has no unshare"
