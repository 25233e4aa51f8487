"""Other engines than the one that runs: Podman by its socket, users' own, and an engine at the end of a wire.

What launches rely on is asked of each; the records of all pass the same checks.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from docker import DockerClient

from containers.engine import capabilities
from containers.engine import connection as engine
from containers.engine import setup as setup_engine
from containers.engine.container import RESTRICTIONS
from containers.host import machine
from containers.launch.outcome import Ending, judge
from containers.launch.prepared import Launch, prepare
from tests.made import breakout, stand_in
from tests.made.daemons import Dockerd, Podman, RootlessDockerd, debian
from tests.made.launching import answering, ending_of, supervised
from tests.made.remote import Sshd, Wire
from workloads.vocabulary.errors import EngineError
from workloads.vocabulary.inventory import Receipt
from workloads.vocabulary.plan import Cell
from workloads.vocabulary.record import Limits, Setting, Status, Timing

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
LIMITS = Limits(memory_bytes=2**30, pids=128, timeout_s=60.0)


def own_socket() -> Path:
    """The socket of the engine that runs."""
    named = os.environ.get("DOCKER_HOST", "").removeprefix("unix://")
    return Path(named) if named else next(path for path in engine.sockets() if path.exists())


def test_the_engine_that_runs_holds_all_that_launches_rely_on_and_nothing_is_left_of_the_question(
    client: DockerClient,
) -> None:
    before = {image.id for image in client.images.list(all=True)}
    probed = capabilities.probe(client)
    assert probed.here
    assert probed.missing == []
    assert probed.added == []
    assert {image.id for image in client.images.list(all=True)} == before
    assert client.containers.list(all=True, filters={"label": "threadmark=probe"}) == []


def test_a_probe_sees_what_is_not_held(client: DockerClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same question, of containers from which restrictions were taken."""
    for key in ("cap_drop", "user"):
        monkeypatch.delitem(RESTRICTIONS, key)
    monkeypatch.setitem(RESTRICTIONS, "security_opt", ["seccomp=unconfined"])
    probed = capabilities.probe(client)
    assert {entry.name for entry in probed.missing} == {
        "seccomp filter",
        "no new privileges",
        "no capabilities",
        "user nobody",
    }


def test_what_an_engine_lacks_is_said_before_the_run_and_written_down(
    client: DockerClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setitem(RESTRICTIONS, "security_opt", ["no-new-privileges", "seccomp=unconfined"])
    assert machine.main(["--out", str(tmp_path / "machine.json")]) == 0
    assert "the container engine holds no seccomp filter (Seccomp is 0): launches may make every system call" in (
        capsys.readouterr().err
    )
    written = json.loads((tmp_path / "machine.json").read_text())
    assert written["engine"]["limits"] == "no seccomp filter: Seccomp is 0"


def test_an_engine_of_another_machine_is_refused_before_the_run(
    client: DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = capabilities.probe
    monkeypatch.setattr(capabilities, "probe", lambda client: replace(real(client), here=False))
    with pytest.raises(EngineError, match=r"another machine or in a virtual one.*start the run there"):
        machine.describe("test-0")


def test_an_engine_by_tcp_measures_as_the_one_at_the_socket_does(cpu: Receipt, tmp_path: Path) -> None:
    """Nothing is mounted of this machine, so nothing is missing at the other end of the wire."""
    wire = Wire(own_socket())
    check_round(wire.host, cpu, tmp_path)
    wire.cut()


def provide(package: str, command: str) -> None:
    """Root on Debian or Ubuntu gets the distribution's package where the command is missing."""
    if os.geteuid() != 0:
        pytest.skip(f"{package} is installed by root here")
    if shutil.which(command) is None:
        if not setup_engine.is_debian(Path("/etc/os-release")):
            pytest.skip(f"{package} comes from Debian or Ubuntu")
        setup_engine.install([package])


@pytest.fixture(scope="session")
def podman_host() -> Iterator[str]:
    """Podman with storage of its own."""
    provide("podman", "podman")
    podman = Podman(Path(tempfile.mkdtemp(prefix="threadmark-podman-")))
    yield podman.host
    podman.remove()


@pytest.fixture
def user() -> Iterator[str]:
    """A user without rights, made for a test and removed with all that it runs."""
    provide("uidmap", "newuidmap")
    name = "threadmark-test"
    subprocess.run(["useradd", "--no-create-home", name], check=True)
    yield name
    for process in psutil.process_iter(["username"]):
        if process.info["username"] == name:
            process.kill()  # what keeps the namespace of its mounts
            process.wait()
    subprocess.run(["userdel", name], check=True)


@pytest.fixture(params=["podman", "docker"])
def rootless_host(request: pytest.FixtureRequest, user: str) -> Iterator[str]:
    """An engine of that user's own."""
    service: Podman | RootlessDockerd
    folder = Path(tempfile.mkdtemp(prefix="threadmark-rootless-"))
    if request.param == "podman":
        provide("podman", "podman")
        service = Podman(folder, user)
    else:
        if not RootlessDockerd.START.exists():
            pytest.skip("Debian's docker.io is not what runs here")
        provide("rootlesskit", "rootlesskit")
        service = RootlessDockerd(folder, user)
    yield service.host
    service.remove()


@pytest.fixture(scope="session")
def podman(podman_host: str) -> Iterator[DockerClient]:
    client = engine.connect(podman_host)
    yield client
    client.close()


@pytest.fixture(scope="session")
def on_podman(podman_host: str, client: DockerClient, cpu: Receipt) -> Receipt:
    return carried(podman_host, client, cpu)


def test_podman_describes_itself_and_holds_all_that_launches_rely_on(podman: DockerClient) -> None:
    assert engine.describe(podman)["name"] == "podman"
    probed = capabilities.probe(podman)
    assert probed.here
    assert probed.missing == []
    assert probed.added == ["TERM", "container"]
    assert podman.containers.list(all=True) == []


def test_a_users_own_engine_measures_and_its_lack_of_limits_is_known_before(
    rootless_host: str, client: DockerClient, cpu: Receipt, tmp_path: Path
) -> None:
    """Control groups are root's own in version 1, and in version 2 what root hands on: without them, no limits."""
    own = engine.connect(rootless_host)
    assert engine.describe(own)["rootless"] == "yes"
    probed = capabilities.probe(own)
    assert probed.here
    held = {capability.name for capability in probed.capabilities if capability.missing is None}
    assert held >= {"seccomp filter", "no new privileges", "no capabilities", "user nobody"}
    if engine.describe(own)["cgroup"].startswith("v1"):
        assert {entry.name for entry in probed.missing} == {"cpuset", "memory limit", "pids limit", "cpu quota"}
    own.close()
    check_round(rootless_host, carried(rootless_host, client, cpu), tmp_path)


def test_a_round_on_podman_gives_records_as_one_on_docker(podman_host: str, on_podman: Receipt, tmp_path: Path) -> None:
    check_round(podman_host, on_podman, tmp_path)


@pytest.fixture(scope="session")
def newer() -> Iterator[list[str]]:
    """The words before a command that is to run in the next Debian, which has newer engines."""
    provide("mmdebstrap", "mmdebstrap")
    folder = Path(tempfile.mkdtemp(prefix="threadmark-debian-"))
    yield debian("trixie", ["docker.io", "docker-cli", "podman", "openssh-server"], folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def newer_docker(newer: list[str]) -> Iterator[str]:
    daemon = Dockerd(Path(tempfile.mkdtemp(prefix="threadmark-newer-")), newer)
    daemon.start()
    yield daemon.host
    daemon.remove()


@pytest.fixture(scope="session")
def newer_podman(newer: list[str]) -> Iterator[str]:
    podman = Podman(Path(tempfile.mkdtemp(prefix="threadmark-newer-")), inside=newer)
    yield podman.host
    podman.remove()


@pytest.fixture(scope="session")
def on_newer_docker(newer_docker: str, client: DockerClient, cpu: Receipt) -> Receipt:
    return carried(newer_docker, client, cpu)


@pytest.fixture(scope="session")
def on_newer_podman(newer_podman: str, client: DockerClient, cpu: Receipt) -> Receipt:
    return carried(newer_podman, client, cpu)


def carried(host: str, client: DockerClient, receipt: Receipt) -> Receipt:
    """The real image, carried over: its content is the same, its id need not be."""
    there = engine.connect(host)
    (loaded,) = there.images.load(client.images.get(receipt.image.id).save())
    described = engine.describe(there)
    there.close()
    return replace(receipt, image=replace(receipt.image, id=str(loaded.id)), engine=described)


def test_a_round_on_docker_26_gives_records_as_one_on_this(
    newer_docker: str, on_newer_docker: Receipt, tmp_path: Path
) -> None:
    check_newer(newer_docker, on_newer_docker, "docker", 26)
    check_round(newer_docker, on_newer_docker, tmp_path)


def test_a_round_on_podman_5_gives_records_as_one_on_this(
    newer_podman: str, on_newer_podman: Receipt, tmp_path: Path
) -> None:
    check_newer(newer_podman, on_newer_podman, "podman", 5)
    check_round(newer_podman, on_newer_podman, tmp_path)


def check_newer(host: str, receipt: Receipt, name: str, version: int) -> None:
    """It is what it should be, and holds all that launches rely on."""
    assert receipt.engine["name"] == name
    assert int(receipt.engine["version"].partition(".")[0]) >= version
    client = engine.connect(host)
    probed = capabilities.probe(client)
    client.close()
    assert probed.here
    assert probed.missing == []


def test_an_engine_by_ssh_measures_as_the_one_at_the_socket_does(
    newer_docker: str, on_newer_docker: Receipt, newer: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second daemon, at the other end of a connection to loopback."""
    home, folder = tmp_path / "home", Path(tempfile.mkdtemp(prefix="threadmark-sshd-"))
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    sshd = Sshd(folder, home, newer_docker, newer)
    try:
        check_round(sshd.host, on_newer_docker, tmp_path)
    finally:
        sshd.remove()
        shutil.rmtree(folder)
    with pytest.raises(EngineError, match=f"no container engine answers at {sshd.host}"):
        engine.connect(sshd.host)


def check_round(host: str, receipt: Receipt, folder: Path) -> None:
    """A round of two real launches at an engine, and the checks that all records pass."""
    cell = stand_in.prepare(
        folder,
        receipt,
        timing={"warmup_s": 0.05, "slice_s": 0.05, "cycles": 3},
        limits={"timeout_s": 60, "memory": "1GiB", "pids": 200},
    )
    runner = stand_in.start(folder, cell, 1, DOCKER_HOST=host)
    assert runner.wait(120) == 0, stand_in.said(folder, 1).read_text()
    records = stand_in.records(folder, cell, 1)
    assert {record.setting.id for record in records} == {setting.id for setting in cell.settings}
    for record in records:
        assert record.status == "ok", record.failure
        assert record.measurement is not None
        observed = record.measurement.observed
        assert observed.intra_threads == record.case.intra_op
        assert observed.cpus == [int(cpu) for cpu in record.cpuset.split(",")]
        assert observed.traces == 0
        assert 0 < record.engine_s < record.wall_s
        assert record.image.content == receipt.image.content
    client = engine.connect(host)
    assert client.containers.list(all=True, filters={"label": "threadmark=launch"}) == []
    client.close()


@pytest.mark.parametrize(
    ("script", "status", "says"),
    [
        ("python3 -c 'import os; os.abort()'", "aborted", "SIGABRT"),
        ("python3 -c 'import ctypes; ctypes.string_at(0)'", "signal", "SIGSEGV"),
        ("sh -c 'exit 3'", "failed", "exit status 3"),
        ("echo no record at all", "no_record", "not asked for: no record at all"),
        ("python3 -c 'x = bytearray(2**31)'", "out_of_memory", "memory limit"),
        ("echo started >&2; sleep 60", "timeout", "ended after its 3 s"),
    ],
)
def test_faults_on_podman_get_the_types_that_they_get_on_docker(
    podman: DockerClient, on_podman: Receipt, script: str, status: Status, says: str
) -> None:
    limits = replace(LIMITS, memory_bytes=2**28, timeout_s=3.0)
    ending = run(podman, on_podman, limits, lambda launch: answering(launch, script))
    verdict, _, failure = judge(ending, 3.0)
    assert verdict == status, ending
    assert failure is not None
    assert says in failure.message
    assert podman.containers.list(all=True) == []


def test_a_hostile_program_does_not_get_out_of_podman_either(podman: DockerClient, on_podman: Receipt) -> None:
    """Podman's own filter lets some calls through, which lead nowhere without rights."""
    code = Path(breakout.__file__).read_text()
    limits = replace(LIMITS, memory_bytes=3 * 2**29)
    # Asked for the last lines, this Podman loses most of a long one.
    words = ["/bin/sh", "-c", 'python3 -c "$1" | fold -w 1000', "sh", code]
    ending = run(podman, on_podman, limits, lambda launch: supervised(launch, *words))
    said = ending.stderr.decode().replace("\n", "")
    tried: dict[str, Any] = json.JSONDecoder().raw_decode(said[said.index('{"uid"') :])[0]
    assert tried["uid"] == [65534] * 3
    assert set(tried["rights"].values()) == {0}
    assert tried["no_new_privileges"] == "1"
    assert tried["seccomp"] == "2"
    assert tried["interfaces"] == ["lo"]
    assert "done" not in tried["to_root"].values()
    assert "done" not in tried["network"].values()
    assert tried["changeable"] == tried["sockets"] == tried["devices"] == tried["host_files"] == []
    assert set(tried["written"]) <= {"/tmp", "/dev/shm", "/dev/mqueue"}
    assert max(tried["written"].values()) <= 256 * 2**20
    assert tried["forked"] < LIMITS.pids


def run(client: DockerClient, receipt: Receipt, limits: Limits, change: Callable[[Launch], Launch]) -> Ending:
    """How a launch with another command ended."""
    setting, timing = Setting("0", {}, {}), Timing(0.05, 0.1, 3, 0.001)
    cell = Cell("test", "?", "matmul", "matmul", {"n": 64}, [setting], "0", 1, "0", timing, limits, 1)
    prepared = prepare(cell, setting, sorted(os.sched_getaffinity(0)), {"cpu": receipt.image})
    return ending_of(client, cell, change(prepared))
