"""The check-up: what each machine would be told, on machines that nobody here owns. No engine is needed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from filelock import FileLock

from containers import machine_lock as alone
from containers.doctor import clock as doctor_clock
from containers.doctor import engine as doctor_engine
from containers.doctor import examine as doctor
from containers.doctor import locks as doctor_locks
from containers.doctor import noise as doctor_noise
from containers.doctor import room as doctor_room
from containers.doctor.__main__ import main
from containers.doctor.clock import ClockFacts
from containers.doctor.engine import EngineFacts
from containers.doctor.lines import Checkup, Line, State, checkup, text
from containers.doctor.locks import LockFacts
from containers.doctor.noise import NoiseFacts
from containers.doctor.room import RoomFacts
from containers.engine.capabilities import Capability
from containers.images.declaration import declarations
from workloads.vocabulary.errors import EngineError

GB = 10**9

QUIET = NoiseFacts(
    governors=["performance"],
    turbo=False,
    turbo_switch="1 /sys/devices/system/cpu/intel_pstate/no_turbo",
    smt=False,
    load=0.0,
    busy_cpus=0.02,
    busiest=[],
    swap_used_bytes=0,
    steal_percent=0.0,
    huge_pages="madvise",
    numa_nodes=1,
    numa_balancing=None,
    timers=[],
    on_battery=False,
)
LAPTOP = NoiseFacts(
    governors=["powersave"],
    turbo=True,
    turbo_switch="1 /sys/devices/system/cpu/intel_pstate/no_turbo",
    smt=True,
    load=2.5,
    busy_cpus=1.7,
    busiest=["browser 1.20", "indexer 0.50"],
    swap_used_bytes=300 * 10**6,
    steal_percent=0.0,
    huge_pages="always",
    numa_nodes=2,
    numa_balancing=True,
    timers=["apt-daily.timer", "fstrim.timer"],
    on_battery=True,
)
DUMB = NoiseFacts(None, None, None, None, 0.0, 0.0, [], 0, None, None, 0, None, None, None)

ENGINE = EngineFacts(
    about={
        "name": "docker",
        "version": "20.10.24",
        "api": "1.41",
        "storage": "overlay2",
        "cgroup": "v1 cgroupfs",
        "rootless": "no",
        "architecture": "amd64",
    },
    root="/var/lib/docker",
    warnings=[],
    capabilities=[Capability("cpuset", None, "x"), Capability("pids limit", None, "x")],
    here=True,
    images={"cpu": True},
    base=True,
    bootstrap=True,
)
ROOM = RoomFacts(
    memory=24 * GB,
    available=20 * GB,
    limit=4 * GB,
    results_free=50 * GB,
    cache_free=50 * GB,
    engine_free=50 * GB,
    launches=400,
)


def states(lines: list[Line]) -> dict[str, State]:
    results = {line.name: line.state for line in lines}
    assert len(results) == len(lines), "names are unique within a subject"
    return results


def line(lines: list[Line], name: str) -> Line:
    return next(line for line in lines if line.name == name)


def ready(lines: list[Line]) -> bool:
    return checkup(lines, "2026-11-22T08:00:00+00:00").ready


def test_a_quiet_machine_has_nothing_to_mend() -> None:
    assert set(states(doctor_noise.judge(QUIET)).values()) == {"ok"}
    assert all(line.remedy is None for line in doctor_noise.judge(QUIET))


def test_a_loud_machine_can_start_and_has_a_command_for_every_line() -> None:
    lines = doctor_noise.judge(LAPTOP)
    assert {line.name for line in lines if line.state == "note"} == {
        "frequency governor",
        "turbo",
        "SMT",
        "other load",
        "swap",
        "transparent huge pages",
        "NUMA balancing",
        "timers",
        "power",
    }
    assert all(line.remedy for line in lines if line.state == "note")
    assert ready(lines)
    assert line(lines, "turbo").remedy == "echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo"
    assert line(lines, "timers").remedy == "sudo systemctl stop apt-daily.timer fstrim.timer"
    assert "browser 1.20" in line(lines, "other load").seen


def test_what_a_machine_does_not_tell_is_unavailable_and_no_problem() -> None:
    shown = states(doctor_noise.judge(DUMB))
    unknown = {"frequency governor", "turbo", "SMT", "steal", "transparent huge pages", "timers", "power"}
    assert {name for name, state in shown.items() if state == "unavailable"} == unknown
    assert ready(doctor_noise.judge(DUMB))


@pytest.mark.parametrize(("percent", "state"), [(0.0, "ok"), (0.5, "ok"), (0.6, "note"), (None, "unavailable")])
def test_steal_is_a_note_from_half_a_percent_on(percent: float | None, state: State) -> None:
    assert line(doctor_noise.judge(replace(QUIET, steal_percent=percent)), "steal").state == state


def kernel(root: Path, files: Mapping[str, str]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content + "\n")
    return root


CPU = "sys/devices/system/cpu"


def test_the_kernels_files_are_read_as_they_are_written(tmp_path: Path) -> None:
    files = {
        f"{CPU}/cpu0/cpufreq/scaling_governor": "powersave",
        f"{CPU}/cpu1/cpufreq/scaling_governor": "performance",
        f"{CPU}/cpufreq/boost": "1",
        f"{CPU}/smt/active": "1",
        "sys/kernel/mm/transparent_hugepage/enabled": "[always] madvise never",
        "sys/devices/system/node/node0/x": "",
        "sys/devices/system/node/node1/x": "",
        "proc/sys/kernel/numa_balancing": "2",
        "proc/stat": "cpu  100 0 100 700 0 0 0 100 0 0\ncpu0 1 1 1 1 1 1 1 1 1 1",
    }
    facts = doctor_noise.look(kernel(tmp_path, files))
    assert facts.governors == ["performance", "powersave"]
    assert (facts.turbo, facts.turbo_switch) == (True, f"0 /{CPU}/cpufreq/boost")
    assert facts.smt is True
    assert facts.huge_pages == "always"
    assert (facts.numa_nodes, facts.numa_balancing) == (2, True)
    assert facts.steal_percent == 10.0
    assert facts.timers is None, "no systemd there"


@pytest.mark.parametrize(("written", "turbo"), [("0", True), ("1", False)])
def test_intels_switch_is_the_other_way_round(tmp_path: Path, written: str, turbo: bool) -> None:
    facts = doctor_noise.look(kernel(tmp_path, {f"{CPU}/intel_pstate/no_turbo": written}))
    assert (facts.turbo, facts.turbo_switch) == (turbo, f"1 /{CPU}/intel_pstate/no_turbo")


@pytest.mark.parametrize("stat", [None, "", "intr 1 2 3", "cpu 1 2", "cpu 0 0 0 0 0 0 0 0"])
def test_no_times_of_the_cpu_are_no_steal_that_is_known(stat: str | None) -> None:
    assert doctor_noise.steal_percent(stat) is None


def test_only_timers_that_work_hard_are_named() -> None:
    units = ["systemd-tmpfiles-clean.timer", "fstrim.timer", "apt-daily-upgrade.timer"]
    assert doctor_noise.heavy_timers(units) == ["apt-daily-upgrade.timer", "fstrim.timer"]


@pytest.mark.parametrize(
    ("facts", "date", "counter"),
    [
        (ClockFacts(True, "tsc"), "ok", "ok"),
        (ClockFacts(False, "kvm-clock"), "note", "ok"),
        (ClockFacts(None, "hpet"), "unavailable", "note"),
        (ClockFacts(None, None), "unavailable", "unavailable"),
    ],
)
def test_clocks(facts: ClockFacts, date: State, counter: State) -> None:
    assert states(doctor_clock.judge(facts)) == {"date": date, "counter": counter}


def test_the_clock_of_this_machine_can_be_asked(tmp_path: Path) -> None:
    assert doctor_clock.look().synchronised in (True, False, None)
    assert doctor_clock.look(tmp_path).source is None


def test_an_engine_that_gives_all_has_nothing_to_mend() -> None:
    assert set(states(doctor_engine.judge(ENGINE)).values()) == {"ok"}


@pytest.mark.parametrize(
    ("facts", "name", "state"),
    [
        (replace(ENGINE, about=ENGINE.about | {"architecture": "arm64"}), "architecture", "problem"),
        (replace(ENGINE, capabilities=[Capability("cpuset", "got 0-7", "x")]), "cpuset", "problem"),
        (replace(ENGINE, capabilities=[Capability("pids limit", "got max", "x")]), "pids limit", "note"),
        (replace(ENGINE, capabilities=None), "limits", "unavailable"),
        (replace(ENGINE, here=False), "place", "problem"),
        (replace(ENGINE, here=None), "place", "unavailable"),
        (replace(ENGINE, images={"cpu": False}), "cpu", "note"),
        (replace(ENGINE, images={"cpu": False}, base=False), "cpu", "note"),
        (replace(ENGINE, images={"cpu": False}, base=False, bootstrap=False), "cpu", "problem"),
        (replace(ENGINE, running=["database"]), "other containers", "note"),
        (replace(ENGINE, ours={"leftovers": 2, "old": 0, "all": 3}), "leftovers", "note"),
        (replace(ENGINE, warnings=["WARNING: No swap limit support"]), "warning 1", "note"),
        (replace(ENGINE, gpus=["H200"], gpu_reason=None), "NVIDIA", "ok"),
        (
            replace(ENGINE, gpus=["H200"], gpu_reason=EngineError("the engine has no driver", "install it")),
            "NVIDIA",
            "note",
        ),
    ],
)
def test_what_an_engine_lacks_is_named(facts: EngineFacts, name: str, state: State) -> None:
    lines = doctor_engine.judge(facts)
    assert line(lines, name).state == state
    assert [entry.name for entry in lines if entry.state not in ("ok", state)] == []
    assert ready(lines) == (state != "problem")
    if state == "problem":
        assert line(lines, name).remedy


def test_without_an_engine_the_sentence_is_split_into_what_and_what_to_do() -> None:
    lines = doctor_engine.absent(
        EngineError("no container engine found", "install Docker, or set DOCKER_HOST"), ["H200"]
    )
    assert line(lines, "version").seen == "no container engine found"
    assert line(lines, "version").remedy == "install Docker, or set DOCKER_HOST"
    assert states(lines) == {"version": "problem", "images": "unavailable", "NVIDIA": "note"}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (ROOM, {"results": "ok", "cache": "ok", "engine": "ok", "memory": "ok"}),
        (replace(ROOM, available=3 * GB), {"results": "ok", "cache": "ok", "engine": "ok", "memory": "note"}),
        (replace(ROOM, limit=None), {"results": "ok", "cache": "ok", "engine": "ok", "memory": "ok"}),
        (replace(ROOM, results_free=10**6), {"results": "problem", "cache": "ok", "engine": "ok", "memory": "ok"}),
        (replace(ROOM, engine_free=None), {"results": "ok", "cache": "ok", "engine": "unavailable", "memory": "ok"}),
        # Nothing to build needs next to nothing; two images need more than 10 GB of the engine.
        (replace(ROOM, engine_free=10**6), {"results": "ok", "cache": "ok", "engine": "ok", "memory": "ok"}),
        (
            replace(ROOM, engine_free=10 * GB, cache_free=3 * GB, to_build=declarations()),
            {"results": "ok", "cache": "problem", "engine": "problem", "memory": "ok"},
        ),
    ],
)
def test_room(facts: RoomFacts, expected: dict[str, State]) -> None:
    assert states(doctor_room.judge(facts)) == expected


def test_many_launches_need_room_for_their_records() -> None:
    lines = doctor_room.judge(replace(ROOM, launches=100_000, results_free=GB))
    assert line(lines, "results").state == "problem"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (LockFacts(None, {}, "results/here"), {"machine": "ok"}),
        (LockFacts("process 7 (containers.rounds.round)", {}, "results/here"), {"machine": "note"}),
        (LockFacts(None, {"results/other": "process 7"}, "results/here"), {"machine": "ok", "results/other": "note"}),
        (LockFacts(None, {"results/here": "process 7"}, "results/here"), {"machine": "ok", "results/here": "problem"}),
        (LockFacts(None, None, None), {"held locks": "unavailable"}),
    ],
)
def test_locks(facts: LockFacts, expected: dict[str, State]) -> None:
    assert states(doctor_locks.judge(facts)) == expected


def test_the_holder_of_a_lock_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alone, "LOCK", tmp_path / "machine.lock")
    (tmp_path / "results/here").mkdir(parents=True)
    with FileLock(tmp_path / "machine.lock"), FileLock(tmp_path / "results/here/.run.lock"):
        facts = doctor_locks.look(tmp_path / "results", "here")
    assert f"process {os.getpid()} " in str(facts.machine)
    assert facts.ours == str(tmp_path / "results/here")
    assert list(facts.runs or {}) == [facts.ours]
    assert doctor_locks.look(tmp_path / "results", "here") == LockFacts(None, {}, facts.ours)


def test_locks_of_other_kinds_and_namespaces_are_told_apart() -> None:
    listed = """\
1: FLOCK  ADVISORY  WRITE 27773 fe:00:1482771 0 EOF
2: POSIX  ADVISORY  WRITE 11 fe:00:12 0 EOF
3: OFDLCK ADVISORY  READ -1 00:06:3 0 EOF
4: FLOCK  ADVISORY  WRITE 0 08:11:99 0 EOF
"""
    assert doctor_locks.holders(listed) == {(os.makedev(0xFE, 0), 1482771): 27773, (os.makedev(8, 0x11), 99): 0}


def test_the_command_works_without_an_engine_and_its_status_says_no(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    assert main(["--config", "config/quick.yaml", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["ready"] is False
    jsonschema.validate(document, Checkup.model_json_schema())
    problems = [entry for entry in document["lines"] if entry["state"] == "problem"]
    assert [(problem["subject"], problem["name"]) for problem in problems] == [("engine", "version")]
    assert {entry["subject"] for entry in document["lines"]} == {
        *("engine", "images", "gpu", "disk", "memory", "noise", "clock", "locks", "config"),
    }


def test_a_config_that_cannot_be_run_is_a_problem_with_its_own_sentence(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("rounds: 0\n")
    result = doctor.wanted(tmp_path / "mine.yaml")
    assert result.line.state == "problem"
    assert result.line.seen.startswith("config: ")
    assert result.images is None


def test_the_text_names_each_subject_once_and_ends_with_the_verdict() -> None:
    lines = doctor.in_order(
        [
            Line(subject="engine", name="version", state="ok", seen="docker"),
            Line(subject="noise", name="turbo", state="note", seen="on", remedy="turn it off"),
            Line(subject="engine", name="place", state="problem", seen="away", remedy="come back"),
        ]
    )
    assert text(checkup(lines, "2026-11-22T08:00:00+00:00")).splitlines() == [
        "engine",
        "  ok       version: docker",
        "  PROBLEM  place: away",
        "           -> come back",
        "",
        "noise",
        "  note     turbo: on",
        "           -> turn it off",
        "",
        "a run cannot start: 1 to mend first",
    ]


def test_the_schema_describes_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert set(schema["$defs"]["Line"]["properties"]) == {"subject", "name", "state", "seen", "remedy"}
