"""One round of one cell: each setting launched once, in seeded random order, one record a launch."""

from __future__ import annotations

import argparse
import logging
import os
import random
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from uuid import uuid4

from containers import documents, engine, progress
from containers.alone import alone
from containers.errors import RunError, command
from containers.journal import Journal
from containers.launch import launch, prepare
from containers.outcome import judge
from workloads.record import Cell, Plan, Receipt, Record, Setting

log = logging.getLogger("threadmark.run")


def order(cell: Cell, number: int) -> tuple[str, list[Setting]]:
    """A round's seed and the order that it gives to the cell's settings."""
    seed = f"{cell.seed}/{cell.directory}/{number}"
    settings = sorted(cell.settings, key=lambda setting: setting.id)
    random.Random(seed).shuffle(settings)
    return seed, settings


def measure(results: Path, plan: Plan, cell: Cell, number: int) -> None:
    """Run what is missing of a round and give its file its name. Only one process at a time may be in here."""
    path = progress.round_path(results, cell, number)
    if path.exists():
        log.info("%s is measured already", path)
        return
    client = engine.connect()
    engine.remove_leftover_containers(client)
    images = {name: documents.read(Receipt, results / "images" / f"{name}.json").image for name in plan.images}
    cpus = sorted(os.sched_getaffinity(0))
    journal = Journal(path)
    seed, settings = order(cell, number)
    session = uuid4().hex[:8]
    measured = {record.setting.id for record in journal.records}
    for position, setting in enumerate(settings, start=1):
        if setting.id in measured:
            continue
        prepared = prepare(cell, setting, cpus, images)
        started_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        ending, wall_s, engine_s = launch(client, cell, prepared)
        status, measurement, failure = judge(ending, cell.limits.timeout_s)
        journal.append(
            Record(
                id=f"{cell.sweep}/{cell.workload}@{cell.definition}/{number}/{position}",
                status=status,
                machine=plan.machine,
                sweep=cell.sweep,
                workload=cell.workload,
                definition=cell.definition,
                round=number,
                position=position,
                order_seed=seed,
                session=session,
                setting=setting,
                case=prepared.case,
                image=prepared.image,
                environment=prepared.environment,
                command=prepared.command,
                cpuset=prepared.cpuset,
                limits=cell.limits,
                started_at=started_at,
                wall_s=wall_s,
                engine_s=engine_s,
                measurement=measurement,
                failure=failure,
            )
        )
        log.info("%s", _line(results, plan, journal.records[-1]))
    journal.finish()


def _line(results: Path, plan: Plan, record: Record) -> str:
    """What a launch came to, and how long the rest will take."""
    seen: str = record.status
    if record.measurement is not None and record.measurement.samples:
        samples = sorted(record.measurement.samples)
        seen += f" {samples[len(samples) // 2] * 1e3:.4g} ms"
    left = progress.duration(progress.seconds_left(results, plan))
    return (
        f"{progress.done(results, plan)}/{plan.launches} {record.sweep}/{record.workload} round {record.round}:"
        f" {record.setting.label}: {seen}; {left} left"
    )


def _run_round(results: Path, name: str, number: int) -> None:
    plan = documents.read(Plan, results / "plan.json")
    cells = [cell for cell in plan.cells if cell.directory == f"rounds/{name}"]
    if not cells:
        raise RunError(f"{results / 'plan.json'} has no cell {name}; run `snakemake --cores 1`, which renews the plan")
    with alone(log.info):
        measure(results, plan, cells[0], number)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(argv: list[str] | None = None) -> int:
    """Measure one round of one cell, or what is missing of it."""
    parser = argparse.ArgumentParser(prog="containers.run", description=main.__doc__)
    parser.add_argument("--results", type=Path, required=True, help="the machine's folder")
    parser.add_argument("--cell", required=True, help="SWEEP/WORKLOAD@DEFINITION")
    parser.add_argument("--round", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    arguments = parser.parse_args(argv)
    arguments.log.parent.mkdir(parents=True, exist_ok=True)
    handlers: list[logging.Handler] = [logging.StreamHandler(), logging.FileHandler(arguments.log)]
    logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=handlers)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return command(lambda: _run_round(arguments.results, arguments.cell, arguments.round))
    except KeyboardInterrupt:
        print("threadmark: interrupted; the launches so far are kept, run again to carry on", file=sys.stderr)
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
