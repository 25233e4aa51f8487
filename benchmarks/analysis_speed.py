"""How long the analysis takes for many launches, how much memory, and whether the time grows in proportion.

Writes simulated records (nothing in them was measured) of a hundred samples each, as large as real ones, and runs the
analysis on a quarter, a half and all of them, each stage a process of its own as Snakemake runs it:

    .venv/bin/python -m benchmarks.analysis_speed
    .venv/bin/python -m benchmarks.analysis_speed --launches 20000 --folder /tmp/simulated
    .venv/bin/python -m benchmarks.analysis_speed --against ../older-checkout

With another checkout, that one writes the records, in a format that both read, and its own analysis comes first.
Ends with status 1 if all of them take more than 60 s or 2 GB, which is what the suite promises for 100,000 on two CPUs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.workflow.stages import CLAIMS, stages_of_tables
from tests.made.simulated import (
    Noise,
    SimulatedCell,
    simulated_machine,
    simulated_plan,
    thread_grid,
    write_simulated_machine,
)
from workloads.vocabulary.record import Record, to_json

ROOT = Path(__file__).parents[1]
STAGES = tuple(stage.module for stage in stages_of_tables(simulated_plan([thread_grid()])))
SAMPLES, ROUNDS, SETTINGS, WORKLOADS = 100, 20, 10, 5
MOST_S, MOST_BYTES = 60.0, 2e9

# A real record's environment is padded to a fixed size, and its command again.
_PADDING = 2048


@dataclass(frozen=True)
class Stage:
    """One run of a stage's module."""

    name: str
    seconds: float
    cpu_s: float  # what it takes of a CPU, whatever else the machine does
    peak_bytes: int


def cells(launches: int) -> list[SimulatedCell]:
    """About so many launches: cells of ten settings in 20 rounds, five workloads a sweep."""
    number = max(1, round(launches / (ROUNDS * SETTINGS)))
    return [
        thread_grid(f"simulated-{cell // WORKLOADS}", f"simulated-{cell % WORKLOADS}", ROUNDS) for cell in range(number)
    ]


def write_records(folder: Path, launches: int) -> None:
    """All records, for the largest number of launches."""
    write_simulated_machine(folder, cells(launches), noise=Noise(samples=SAMPLES), faults=_padded)


def write_records_by(checkout: Path, folder: Path, launches: int) -> None:
    """The same by another checkout's own simulation."""
    words = f"write_records(Path({str(folder.resolve())!r}), {launches})"
    _in(checkout, "-c", f"from pathlib import Path; from benchmarks.analysis_speed import write_records; {words}")


def _in(checkout: Path, *words: str) -> None:
    # What an older one promises of its own speed is no matter here.
    subprocess.run([sys.executable, *words], cwd=checkout, check=False)


def _padded(record: Record) -> Record:
    padded = record.environment | {"THREADMARK_PADDING": "x" * _PADDING}
    return replace(record, environment=padded, command=[*record.command, " " * _PADDING])


def part_of(folder: Path, part: Path, launches: int) -> int:
    """Lay out a folder with the first cells of `folder`; returns how many launches they have."""
    part.mkdir()
    for name in ("rounds", "audit", "images"):
        (part / name).symlink_to(folder / name)
    plan = simulated_plan(cells(launches))
    for name, document in (("plan.json", plan), ("machine.json", simulated_machine())):
        (part / name).write_text(to_json(document) + "\n", encoding="utf-8")
    return plan.launches


def run(stage: str, folder: Path) -> Stage:
    """Run one stage on a machine's folder, alone in its process."""
    command = [sys.executable, "-m", stage, "--results", str(folder)]
    command += ["--claims", str(ROOT / CLAIMS)] if stage == "analysis.claims.judge" else []
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"analysis_speed: {stage} ended with status {os.waitstatus_to_exitcode(status)}")
    cpu_s = usage.ru_utime + usage.ru_stime
    return Stage(stage, time.perf_counter() - started, cpu_s, usage.ru_maxrss * 1024)


def measure(folder: Path, parts: Path, most: int) -> bool:
    """Print a line for a quarter, a half and all launches; whether all of them stay within the bounds."""
    print("seconds, and in brackets seconds of a CPU")
    print(
        f"{'launches':>9}"
        + "".join(f"{name.split('.')[-1]:>16}" for name in (*STAGES, "all"))
        + f"{'CPU a launch':>16}{'peak':>10}"
    )
    seconds, peak = 0.0, 0
    for share in (4, 2, 1):
        part = parts / f"of-{share}"
        launches = part_of(folder, part, most // share)
        stages = [run(name, part) for name in STAGES]
        seconds, cpu_s = sum(stage.seconds for stage in stages), sum(stage.cpu_s for stage in stages)
        peak = max(stage.peak_bytes for stage in stages)
        pairs = [*((stage.seconds, stage.cpu_s) for stage in stages), (seconds, cpu_s)]
        times = "".join(f"{f'{wall:.1f} ({cpu:.1f})':>16}" for wall, cpu in pairs)
        print(f"{launches:>9}{times}{1e6 * cpu_s / launches:>13.0f} µs{peak / 1e9:>7.2f} GB", flush=True)
    return seconds <= MOST_S and peak <= MOST_BYTES


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.analysis_speed", description=main.__doc__)
    parser.add_argument("--launches", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="where the simulated records are, or are put, to be used again")
    parser.add_argument("--against", type=Path, help="another checkout, which analyses the same records before")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="threadmark-simulated-") as temporary:
        folder = arguments.folder or Path(temporary) / "all"
        if not (folder / "plan.json").exists():
            started = time.perf_counter()
            if arguments.against:
                write_records_by(arguments.against, folder, arguments.launches)
            else:
                write_records(folder, arguments.launches)
            print(f"simulated {arguments.launches} launches in {time.perf_counter() - started:.0f} s", flush=True)
        if arguments.against:
            print(f"the analysis of {arguments.against}", flush=True)
            words = (f"--launches={arguments.launches}", f"--folder={folder.resolve()}")
            _in(arguments.against, "-m", "benchmarks.analysis_speed", *words)
            print("this one's", flush=True)
        return 0 if measure(folder, Path(temporary), arguments.launches) else 1


if __name__ == "__main__":
    raise SystemExit(main())
