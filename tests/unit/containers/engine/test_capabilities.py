"""What a probe's words mean. The texts are what Docker 20.10 and Podman print, and what is made of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from containers.engine import connection as engine
from containers.engine.capabilities import read
from containers.engine.container import _refuses, given

BOOT = Path("/proc/sys/kernel/random/boot_id").read_text().strip()

V1 = f"""status Name: sh
status Uid: 65534	65534	65534	65534
status CapInh: 0000000000000000
status CapPrm: 0000000000000000
status CapEff: 0000000000000000
status CapBnd: 0000000000000000
status CapAmb: 0000000000000000
status NoNewPrivs: 1
status Seccomp: 2
status Cpus_allowed_list: 3
boot {BOOT}
cgroup memory/memory.limit_in_bytes 4294967296
cgroup pids/pids.max 1024
cgroup cpu/cpu.cfs_quota_us 50000
export HOME='/tmp'
export PATH='/bin'
"""

V2 = (
    V1.replace("memory/memory.limit_in_bytes", "memory.max")
    .replace("pids/pids.max", "pids.max")
    .replace("cpu/cpu.cfs_quota_us 50000", "cpu.max 50000 100000")
)


@pytest.mark.parametrize("text", [V1, V2], ids=["cgroup v1", "cgroup v2"])
def test_an_engine_that_holds_every_limit(text: str) -> None:
    inputs = read(text, [3])
    assert inputs.missing == []
    assert inputs.here
    assert inputs.document() == {"limits": "all hold"}


@pytest.mark.parametrize(
    ("seen", "instead", "name", "says"),
    [
        ("allowed_list: 3", "allowed_list: 0-7", "cpuset", "asked for CPU 3, got 0-7"),
        ("memory.max 4294967296", "memory.max max", "memory limit", "asked for 4294967296, got max"),
        ("cgroup memory.max 4294967296\n", "", "memory limit", "cannot be seen"),
        ("pids.max 1024", "pids.max max", "pids limit", "got max"),
        ("cpu.max 50000 100000", "cpu.max max 100000", "cpu quota", "got max 100000"),
        ("Seccomp: 2", "Seccomp: 0", "seccomp filter", "Seccomp is 0"),
        ("NoNewPrivs: 1", "NoNewPrivs: 0", "no new privileges", "NoNewPrivs is 0"),
        ("CapBnd: 0000000000000000", "CapBnd: 00000000a80425fb", "no capabilities", "CapBnd 00000000a80425fb"),
        ("65534	65534	65534	65534", "0	0	0	0", "user nobody", "Uid is 0"),
    ],
)
def test_what_an_engine_takes_and_does_not_hold_is_named(seen: str, instead: str, name: str, says: str) -> None:
    assert seen in V2
    (missing,) = read(V2.replace(seen, instead), [3]).missing
    assert missing.name == name
    assert missing.missing is not None
    assert says in missing.missing


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("runc: openat2 /sys/fs/cgroup/user.slice/libpod-4b.scope/cpuset.cpus: no such file or directory", "cpu_quota"),
        ("crun: the requested cgroup controller `cpuset` is not available", "cpu_quota"),
        ("runc: openat2 /sys/fs/cgroup/user.slice/libpod-4b.scope/cpu.max: no such file or directory", "cpuset_cpus"),
        ("crun: the requested cgroup controller `cpu` is not available", "cpuset_cpus"),
    ],
)
def test_a_limit_that_an_engine_refuses_is_not_asked_for_again(words: str, left: str) -> None:
    """A user's own engine, to which root handed on no controller, may say so when a container starts."""
    client = engine.Client(base_url="unix:///nowhere", version="1.41")
    assert given(client, "0", 50, gpu=False).keys() >= {"cpuset_cpus", "cpu_quota", "cpu_period"}
    assert _refuses(client, words)
    kept = given(client, "0", 50, gpu=False)
    assert kept.keys() & {"cpuset_cpus", "cpu_quota"} == {left}
    assert ("cpu_period" in kept) == (left == "cpu_quota")
    assert not _refuses(client, words), "refused without having been asked"
    client.close()


def test_other_refusals_are_no_matter_of_cpus() -> None:
    client = engine.Client(base_url="unix:///nowhere", version="1.41")
    assert not _refuses(client, "could not select device driver")
    client.close()


def test_an_engine_of_another_machine_is_known_by_its_kernel() -> None:
    assert not read(V2.replace(BOOT, "1b4e28ba-2fa1-11d2-883f-0016d3cca427"), [3]).here


def test_variables_that_an_engine_adds_are_named() -> None:
    inputs = read(f"{V2}export container='podman'\nexport TERM='xterm'\nexport OLDPWD\n", [3])
    assert inputs.document() == {"limits": "all hold", "adds to environments": "TERM, container"}
