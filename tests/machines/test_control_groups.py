"""Engines under control groups of version 2, on a Debian 13 with systemd: what they hold, and what they measure.

    pytest tests/machines        a quarter of an hour, most of it emulation

`make test-endurance` runs them, CI does not. The machine is emulated, so its kernel can be another one than this
machine's; the launches are of a stand-in, since TensorFlow would take minutes each.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from containers.engine import capabilities
from containers.engine import connection as engine
from containers.engine import setup as setup_engine
from containers.images import build
from tests.made import stand_in
from tests.made.virtual_machine import Machine
from workloads.vocabulary.errors import EngineError
from workloads.vocabulary.inventory import Receipt

PACKAGES = ["docker.io", "docker-cli", "podman", "uidmap", "rootlesskit", "slirp4netns", "iptables"]
TOOLS = {"qemu-system-x86": "qemu-system-x86_64", "mmdebstrap": "mmdebstrap", "openssh-client": "ssh"}

START = {
    "docker": ("/run/docker.sock", "true"),
    "podman": ("/run/podman/podman.sock", "systemctl start podman.socket"),
    "rootless podman": ("/run/user/1000/podman/podman.sock", "systemctl --user start podman.socket"),
    "rootless docker": (
        "/run/user/1000/docker.sock",
        # Its last step looks for the client beside itself, where Debian has none: what counts is that the daemon runs.
        "PATH=$PATH:/usr/sbin:/sbin:/usr/share/docker.io/contrib; dockerd-rootless-setuptool.sh install;"
        " systemctl --user is-active docker",
    ),
}
DELEGATION = "[Service]\nDelegate=cpu cpuset io memory pids\n"


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    if os.geteuid() != 0 or not setup_engine.is_debian(Path("/etc/os-release")):
        pytest.skip("root on Debian or Ubuntu makes the machine's disk")
    if absent := [package for package, command in TOOLS.items() if shutil.which(command) is None]:
        setup_engine.install(absent)
    made = Machine(Path(tempfile.mkdtemp(prefix="threadmark-vm-")), "trixie", PACKAGES)
    made.start()
    made.run("loginctl enable-linger user")
    yield made
    made.remove()
    shutil.rmtree(made.folder)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Receipt, Path]]:
    """The stand-in, made on this machine's engine and saved."""
    folder = tmp_path_factory.mktemp("stand-in")
    assert build.main(["--image", "cpu", "--base", "bootstrap", "--out", str(folder / "cpu.json")]) == 0
    client = engine.connect()
    receipt = stand_in.build(client, stand_in.base(client), folder)
    with (folder / "image.tar").open("wb") as file:
        for chunk in client.images.get(receipt.image.id).save():
            file.write(chunk)
    client.images.remove(receipt.image.id, force=True)
    client.close()
    yield receipt, folder / "image.tar"
    (folder / "image.tar").unlink()


def begin(machine: Machine, kind: str) -> str:
    """Start an engine in the machine and wait until it answers; its address here."""
    path, script = START[kind]
    machine.run(script, user="user" if "rootless" in kind else "root")
    host, deadline = machine.way(path), time.monotonic() + 300
    while True:
        try:
            engine.connect(host).close()
        except EngineError:
            assert time.monotonic() < deadline
        else:
            return host


def lacks(host: str) -> set[str]:
    """What the probe says that an engine does not hold."""
    client = engine.connect(host)
    probed = capabilities.probe(client)
    client.close()
    assert not probed.here, "its containers run on another kernel than this"
    return {entry.name for entry in probed.missing}


@pytest.mark.parametrize("kind", START)
def test_an_engine_holds_what_root_handed_on_to_it_and_measures(
    machine: Machine, archive: tuple[Receipt, Path], kind: str, tmp_path: Path
) -> None:
    host = begin(machine, kind)
    client = engine.connect(host)
    described = engine.describe(client)
    assert described["name"] == kind.split()[-1]
    assert described["cgroup"].startswith("v2 ")
    assert described["rootless"] == ("yes" if "rootless" in kind else "no")
    # systemd hands on time, memory and processes to users, and the CPU set only when told to: Docker then takes it and
    # drops it, and Podman refuses it.
    assert lacks(host) == ({"cpuset"} if "rootless" in kind else set())

    receipt, saved = archive
    with saved.open("rb") as file:
        (image,) = client.images.load(file)
    receipt = replace(receipt, image=replace(receipt.image, id=str(image.id)), engine=described)
    cell = stand_in.prepare(tmp_path, receipt, limits={"timeout_s": 300})
    runner = stand_in.start(tmp_path, cell, 1, DOCKER_HOST=host)
    assert runner.wait(900) == 0, stand_in.said(tmp_path, 1).read_text()
    records = stand_in.records(tmp_path, cell, 1)
    assert {record.setting.id for record in records} == {setting.id for setting in cell.settings}
    assert {record.status for record in records} == {"ok"}
    assert client.containers.list(all=True) == []
    client.close()


def test_with_the_cpu_set_handed_on_a_users_own_engine_lacks_nothing(machine: Machine) -> None:
    folder = "/etc/systemd/system/user@.service.d"
    machine.run(f"mkdir -p {folder} && printf '{DELEGATION}' > {folder}/delegate.conf && systemctl daemon-reload")
    machine.run("systemctl restart user@1000")
    for kind in ("rootless podman", "rootless docker"):
        assert lacks(begin(machine, kind)) == set(), kind
