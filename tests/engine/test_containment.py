"""Nothing gets out of a launch: a program that tries, alone and as a user's model, reports what came of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient

from containers.engine import connection as engine
from containers.launch.prepared import prepare
from containers.launch.volumes import provide
from containers.plan.user_models.description import describe
from tests.made import breakout
from tests.made.launching import ending_of, supervised
from workloads.vocabulary.inventory import Receipt
from workloads.vocabulary.plan import Cell, UserModel
from workloads.vocabulary.record import Limits, Setting, Timing, to_json

SECRET = "canary-of-the-caller-7f3a"
LIMITS = Limits(memory_bytes=3 * 2**29, pids=200, timeout_s=120.0)
CODE = Path(breakout.__file__).read_text()
TMPFS_BYTES = 256 * 2**20

REFUSED = {"EPERM", "ENOSYS", "EACCES"}

Report = dict[str, Any]


def ready(model: UserModel | None) -> Cell:
    setting, timing = Setting("0", {}, {}), Timing(0.05, 0.1, 3, 0.001)
    return Cell("test", "?", "mine", "user_model", {}, [setting], "0", 1, "0", timing, LIMITS, 1, model=model)


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A caller whose environment and whose engine's client hold a secret."""
    folder = tmp_path_factory.mktemp("docker")
    proxies = {"default": {"httpProxy": f"http://user:{SECRET}@192.0.2.1", "noProxy": SECRET}}
    (folder / "config.json").write_text(json.dumps({"proxies": proxies}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_CONFIG", str(folder))
        for name in ("THREADMARK_SECRET", "HTTP_PROXY", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, SECRET)
        yield


@pytest.fixture(scope="module", params=["program", "model"])
def tried(
    request: pytest.FixtureRequest, secrets: None, cpu: Receipt, tmp_path_factory: pytest.TempPathFactory
) -> Report:
    """What the hostile program reports, with the environment that a record would hold."""
    client = engine.connect()  # its configuration is the caller's
    model = None
    if request.param == "model":
        path = tmp_path_factory.mktemp("model") / "hostile.py"
        path.write_text(CODE)
        model = describe("mine", path, None)
        provide(client, model, cpu.image.id)
    cell = ready(model)
    prepared = prepare(cell, cell.settings[0], sorted(os.sched_getaffinity(0)), {"cpu": cpu.image})
    if model is None:
        prepared = supervised(prepared, "python3", "-c", CODE)
    try:
        ending = ending_of(client, cell, prepared)
    finally:
        if model is not None:
            client.volumes.get(model.volume).remove()
        client.close()
    lines = ending.stderr.decode().splitlines()
    reports = [line for line in lines if line.startswith('{"uid"')]
    assert len(reports) == 1, ending
    return {**json.loads(reports[0]), "record": json.loads(to_json(prepared)), "model": model}


def test_it_is_nobody_and_cannot_become_anyone_else(tried: Report) -> None:
    assert tried["uid"] == tried["gid"] == [65534] * 3
    assert set(tried["groups"]) <= {65534}
    assert set(tried["to_root"].values()) <= REFUSED
    assert set(tried["rights"].values()) == {0}
    assert tried["no_new_privileges"] == "1"


def test_system_calls_that_reach_beyond_a_container_are_filtered(tried: Report) -> None:
    assert tried["seccomp"] == "2"
    assert {name: result for name, result in tried["calls"].items() if result not in REFUSED} == {}


def test_there_is_no_network(tried: Report) -> None:
    assert tried["interfaces"] == ["lo"]
    assert all("unreachable" in said or "resolution" in said for said in tried["network"].values()), tried["network"]


def test_new_files_go_to_bounded_memory_only(tried: Report) -> None:
    """The temporary folder, and the shared memory that engines give; the message queues' folder holds no bytes."""
    most = {"/tmp": TMPFS_BYTES, "/dev/shm": 64 * 2**20, "/dev/mqueue": 0}
    assert most.keys() <= tried["written"].keys()
    for place, size in tried["written"].items():
        (limit,) = [limit for folder, limit in most.items() if f"{place}/".startswith(f"{folder}/")]
        assert size <= limit
    assert [path for path in tried["changeable"] if not path.startswith("/tmp/")] == []


def test_nothing_of_the_host_can_be_seen_or_set(tried: Report) -> None:
    assert tried["sockets"] == []
    assert tried["devices"] == []
    assert tried["host_files"] == []
    # The first process, perhaps a shell, and the program.
    assert tried["processes"] <= 3
    model = tried["model"]
    own = [] if model is None else [f"/volumes/{model.volume}/_data"]
    of_disks = [
        (source, place)
        for source, place in tried["mounts"]
        if source != "/" and not place.startswith(("/proc", "/sys", "/dev", "/etc/"))
    ]
    assert len(of_disks) == len(own)
    assert all(source.endswith(mounted) for (source, _), mounted in zip(of_disks, own, strict=True))
    assert {place for source, place in tried["mounts"] if place.startswith("/etc/")} <= {
        "/etc/hosts",
        "/etc/hostname",
        "/etc/resolv.conf",
    }


def test_processes_are_bounded(tried: Report) -> None:
    assert 0 < tried["forked"] < LIMITS.pids


def test_no_secret_of_the_caller_reaches_the_container_or_a_record(tried: Report) -> None:
    assert os.environ["THREADMARK_SECRET"] == SECRET
    for environment in tried["environments"]:
        result = dict(entry.split("=", 1) for entry in environment.split("\0") if "=" in entry)
        assert {name: result.get(name) for name in tried["record"]["environment"]} == tried["record"]["environment"]
        assert SECRET not in environment
    assert tried["environments"]
    assert SECRET not in json.dumps(tried["record"])
    assert SECRET not in json.dumps({key: value for key, value in tried.items() if key != "model"})


def test_no_container_is_left(client: DockerClient, tried: Report) -> None:
    assert client.containers.list(all=True, filters={"label": "threadmark=launch"}) == []
