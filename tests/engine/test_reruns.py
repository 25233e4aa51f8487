"""A run that is stopped carries on; a run that is whole measures nothing again."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from docker import DockerClient

from tests.made.workflow_tree import Snakemake, plant, snakemake_in

TINY = """
rounds: 2
audit: config
timing: {warmup_s: 0.05, slice_s: 0.05, cycles: 3}
workloads:
  matmul: {params: {n: 128}}
sweeps:
  threads:
    question: Does the pool's size matter for a product that is far too small for it?
    workloads: [matmul]
    grid: {intra_op: [1, 2]}
    baseline: {intra_op: 1}
"""

# Up to the tables: figures and report have no part in what these tests are about.
MEASURE = ["--configfile", "config/tiny.yaml", "--until", "tables"]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, cpu: object) -> Path:
    """A tree whose run came as far as its first launch."""
    tree = plant(tmp_path_factory.mktemp("begun"))
    (tree / "config/tiny.yaml").write_text(TINY)
    done = snakemake_in(tree)("--configfile", "config/tiny.yaml", "--until", "image")
    assert done.returncode == 0, done.stdout
    return tree


@pytest.fixture
def tiny(tree: Path, begun: Path) -> Path:
    """A tree with a config of four short launches, and all that has to be there before the first of them."""
    (tree / "config/tiny.yaml").write_text(TINY)
    for part in ("results", ".snakemake"):
        shutil.copytree(begun / part, tree / part)
    return tree


def records(tree: Path) -> list[dict[str, object]]:
    paths = sorted(tree.glob("results/*/rounds/*/*/*.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def launched(output: str, sweep: str = "threads") -> int:
    """How many launches a run's progress lines tell of."""
    return len(re.findall(rf"^\d+/\d+ {sweep}/\S+ round \d+: \S+:", output, re.MULTILINE))


def settings(tree: Path) -> set[tuple[object, str]]:
    """The settings of rounds that are on file."""
    return {(record["round"], json.dumps(record["setting"])) for record in records(tree)}


def leftovers(client: DockerClient) -> list[str]:
    return [
        container.name or "" for container in client.containers.list(all=True, filters={"label": "threadmark=launch"})
    ]


def rounds(tree: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in tree.glob("results/*/rounds/*/*/*.jsonl")}


@pytest.mark.long
def test_reruns_measure_only_what_changed(tiny: Path, snakemake: Snakemake) -> None:
    """One story, told in one tree since each step stands on the one before."""
    config = tiny / "config/tiny.yaml"
    first = snakemake("--configfile", "config/tiny.yaml")
    assert first.returncode == 0, first.stdout
    assert launched(first.stdout) == 4
    measured = rounds(tiny)
    report = next(tiny.glob("results/*/report.md"))

    second = snakemake("--configfile", "config/tiny.yaml")
    assert "Nothing to be done" in second.stdout
    assert launched(second.stdout) == 0

    before = report.stat().st_mtime_ns
    style = tiny / "analysis/figures/style.py"
    style.write_text(style.read_text() + "\n# edited\n")
    edited = snakemake("--configfile", "config/tiny.yaml")
    assert edited.returncode == 0, edited.stdout
    assert launched(edited.stdout) == 0
    assert re.search(r"^(local)?rule figures:", edited.stdout, re.MULTILINE)
    assert report.stat().st_mtime_ns > before

    config.write_text(TINY.replace("rounds: 2", "rounds: 3"))
    more = snakemake(*MEASURE)
    assert launched(more.stdout) == 2
    assert rounds(tiny).items() >= measured.items()

    lines = TINY.replace("rounds: 2", "rounds: 3").splitlines()
    sweep = [line.replace("  threads:", "  threads-again:") for line in lines[lines.index("  threads:") :]]
    config.write_text("\n".join([*lines, *sweep]))
    other = snakemake(*MEASURE)
    assert other.returncode == 0, other.stdout
    assert launched(other.stdout, "threads-again") == 6
    assert launched(other.stdout) == 0
    assert rounds(tiny).items() >= measured.items()


def processes(root: int) -> list[int]:
    """A process and all below it, from the bottom up."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    results = [root]
    for parent in results:
        results += [pid for pid, ppid in pairs if ppid == parent]
    return results[::-1]


# The last words of a round: its file has its name, and Snakemake has not heard of it.
KILL = """
        import psutil
        snakemakes = [one for one in psutil.Process().parents() if "snakemake" in one.cmdline()]
        for one in [*snakemakes[:{snakemakes}], psutil.Process()]:
            one.kill()
"""


@pytest.mark.long
@pytest.mark.parametrize("snakemakes", [0, 9], ids=["runner", "all"])
def test_a_round_that_was_whole_when_the_kill_came_stands(tiny: Path, snakemake: Snakemake, snakemakes: int) -> None:
    journal = tiny / "containers/rounds/journal.py"
    text = journal.read_text()
    assert text.endswith("os.close(directory)\n")
    journal.write_text(text + KILL.format(snakemakes=snakemakes))
    assert snakemake(*MEASURE).returncode != 0
    whole = rounds(tiny)
    assert len(whole) == 1

    journal.write_text(text)
    again = snakemake(*MEASURE)
    assert again.returncode == 0, again.stdout
    assert launched(again.stdout) == 2
    assert len(rounds(tiny)) == 2
    assert rounds(tiny).items() >= whole.items()


@pytest.mark.parametrize(
    "victim", ["all", pytest.param("snakemake", marks=pytest.mark.long), pytest.param("runner", marks=pytest.mark.long)]
)
def test_a_killed_run_carries_on(tiny: Path, snakemake: Snakemake, client: DockerClient, victim: str) -> None:
    """kill -9 at a random moment of the measuring, then the same command again."""
    command = [sys.executable, "-m", "snakemake", "--cores", "1", *MEASURE]
    log = tiny / "first.log"
    with log.open("w") as output:
        run = subprocess.Popen(command, cwd=tiny, stdout=output, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + 120
    while launched(log.read_text()) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(random.Random(victim).uniform(0.0, 1.5))
    runners = [
        pid for pid in processes(run.pid) if "containers.rounds.round" in Path(f"/proc/{pid}/cmdline").read_text()
    ]
    doomed = {"all": processes(run.pid), "snakemake": [run.pid], "runner": runners}[victim]
    assert doomed, log.read_text()
    for pid in doomed:
        os.kill(pid, signal.SIGKILL)
    run.wait(timeout=60)

    kept = records(tiny)
    again = snakemake(*MEASURE)
    assert again.returncode == 0, again.stdout
    launches = records(tiny)
    ids = [record["id"] for record in launches]
    assert len(ids) == len(set(ids))
    assert len(settings(tiny)) == 4
    assert all(record in launches for record in kept)
    assert {(record["round"], str(record["setting"])) for record in launches} == {
        (number, setting) for number in (1, 2) for setting in {str(record["setting"]) for record in launches}
    }
    assert launched(again.stdout) <= 2
    assert leftovers(client) == []
    assert not list(tiny.glob("results/*/rounds/*/*/*.partial"))


@pytest.mark.long
def test_ctrl_c_leaves_nothing_behind_but_what_was_measured(
    tiny: Path, snakemake: Snakemake, client: DockerClient
) -> None:
    command = [sys.executable, "-m", "snakemake", "--cores", "1", *MEASURE]
    log = tiny / "first.log"
    with log.open("w") as output:
        run = subprocess.Popen(command, cwd=tiny, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
    deadline = time.monotonic() + 120
    while launched(log.read_text()) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    while not leftovers(client) and time.monotonic() < deadline:  # of the second round
        time.sleep(0.05)
    time.sleep(random.Random("Ctrl-C").uniform(0.0, 3.0))
    os.killpg(run.pid, signal.SIGINT)
    assert run.wait(timeout=60) != 0
    assert "interrupted" in log.read_text()
    assert "Traceback" not in log.read_text()
    assert leftovers(client) == []
    again = snakemake(*MEASURE)
    assert again.returncode == 0, again.stdout
    assert launched(again.stdout) == 2
    assert len(settings(tiny)) == 4


@pytest.mark.long
def test_two_runs_at_once_are_one(tiny: Path, snakemake: Snakemake) -> None:
    command = [sys.executable, "-m", "snakemake", "--cores", "1", *MEASURE]
    log = tiny / "first.log"
    with log.open("w") as output:
        run = subprocess.Popen(command, cwd=tiny, stdout=output, stderr=subprocess.STDOUT)
    while launched(log.read_text()) < 1 and run.poll() is None:
        time.sleep(0.05)
    second = snakemake(*MEASURE)
    assert second.returncode != 0
    assert "another run writes to" in second.stdout
    assert "Traceback" not in second.stdout
    assert run.wait(timeout=120) == 0
    assert len(settings(tiny)) == 4


@pytest.mark.long
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small file system")
@pytest.mark.parametrize("room", [2**14, 2**16], ids=["before the first launch", "among the rounds or after them"])
def test_a_full_disk_stops_in_words_and_the_run_carries_on(tiny: Path, snakemake: Snakemake, room: int) -> None:
    mount, disk = tiny / "small", tiny / "small.img"
    mount.mkdir()
    with disk.open("wb") as file:
        file.truncate(4 * 2**20)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-m", "0", str(disk)], check=True)
    subprocess.run(["mount", "-o", "loop", str(disk), str(mount)], check=True)
    try:
        (mount / "ballast").write_bytes(b"x" * (shutil.disk_usage(mount).free - room))
        full = snakemake(*MEASURE, "--config", f"results={mount}")
        assert full.returncode != 0
        said = re.search(r"threadmark: No space left on device \((.*)\); free space", full.stdout)
        assert said, full.stdout
        assert Path(said[1]).is_relative_to(mount)
        assert "Traceback" not in full.stdout, full.stdout
        (mount / "ballast").unlink()
        again = snakemake(*MEASURE, "--config", f"results={mount}")
        assert again.returncode == 0, again.stdout
        results = [
            json.loads(line) for path in mount.glob("*/rounds/*/*/*.jsonl") for line in path.read_text().splitlines()
        ]
        assert len({record["id"] for record in results}) == len(results)
        assert len({(record["round"], json.dumps(record["setting"])) for record in results}) == 4
    finally:
        subprocess.run(["umount", str(mount)], check=True)
        shutil.rmtree(mount)
