"""One round of one cell: a launch of each setting, in blocks that take turns, one record a launch.

What is on file of a round that was stopped stands; a block under way is the most that is lost.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from uuid import uuid4

from containers.launch.prepared import prepare
from containers.launch.volumes import provide
from containers.machine_lock import alone
from containers.rounds import blocks, progress
from containers.rounds import log as round_log
from containers.rounds.bench import Bench
from containers.rounds.journal import Journal
from containers.rounds.order import balanced
from containers.rounds.patience import WAIT_S, Patience
from containers.rounds.unusable import require_running
from workloads.vocabulary import documents
from workloads.vocabulary.command_line import add_results, parser_of
from workloads.vocabulary.decided import with_decisions
from workloads.vocabulary.errors import EngineError, RunError, command
from workloads.vocabulary.inventory import Receipt
from workloads.vocabulary.plan import Cell, Plan
from workloads.vocabulary.preregistration import preregister
from workloads.vocabulary.record import Record, Setting

log = logging.getLogger("threadmark.run")


def order(cell: Cell, number: int, asked: list[Setting]) -> tuple[str, list[Setting]]:
    """A round's seed, and the order of the settings that it holds: each has each place equally often over rounds."""
    seed = f"{cell.seed}/{cell.directory}"
    settings = sorted(asked, key=lambda setting: setting.id)
    return f"{seed}/{number}", balanced(settings, seed, number - 1)


def measure(results: Path, plan: Plan, cell: Cell, number: int, patience: Patience) -> None:
    """Run what is missing of a round and give its file its name. Only one process at a time may be in here."""
    path = results / cell.round_file(number)
    if path.exists():
        log.info("%s is measured already", path)
        return
    asked = with_decisions(results, cell).asked(number)
    if not asked:
        raise RunError(
            f"{results / 'plan.json'} and the decisions on file do not ask for round {number} of {cell.name}",
            "remove the plan and run `snakemake --cores 1`, which makes it again",
        )
    images = {name: documents.read(Receipt, results / "images" / f"{name}.json").image for name in plan.images}
    cpus = sorted(os.sched_getaffinity(0))
    seed, settings = order(cell, number, asked)
    launches = [prepare(cell, setting, cpus, images) for setting in settings]
    bench = Bench(
        machine=plan.machine,
        client=patience.connect(),
        cell=cell,
        number=number,
        seed=seed,
        images=images,
        cpus=cpus,
        session=uuid4().hex[:8],
        plan=preregister(results, plan, datetime.now(UTC).isoformat(timespec="seconds")),
    )
    if cell.model is not None:
        provide(bench.client, cell.model, next(iter(images.values())).id)
    journal = Journal(path)
    while due := blocks.due(cell, launches, journal.records):
        try:
            records = bench.measure_block(due, journal.records)
        except EngineError as error:
            bench = replace(bench, client=patience.outlast(error, bench.client))
            continue
        if number == 1 and not journal.records:
            require_running(cell, records)
        patience.recorded()
        journal.append(*records)
        for record in records:
            log.info("%s", _line(results, plan, record))
    journal.finish()


def _line(results: Path, plan: Plan, record: Record) -> str:
    """What a launch came to, and how long the rest will take."""
    seen: str = record.status
    if record.measurement is not None and record.measurement.samples:
        samples = sorted(record.measurement.samples)
        seen += f" {samples[len(samples) // 2] * 1e3:.4g} ms"
    run = progress.ahead(results, plan)
    return (
        f"{run.done}/{run.launches.replace(' to ', '-')} {record.sweep}/{record.workload} round {record.round}:"
        f" {record.setting.label}: {seen}; {run.left} left"
    )


def _run_round(results: Path, name: str, number: int, patience: Patience) -> None:
    plan = documents.read(Plan, results / "plan.json")
    cells = [cell for cell in plan.cells if cell.directory == f"rounds/{name}"]
    if not cells:
        raise RunError(
            f"{results / 'plan.json'} has no cell {name}", "run `snakemake --cores 1`, which renews the plan"
        )
    with alone(log.info):
        measure(results, plan, cells[0], number, patience)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """End the round. Further signals, such as Snakemake's after Ctrl-C, must not cut its clearing up short."""
    for other in (signal.SIGINT, signal.SIGTERM):
        signal.signal(other, signal.SIG_IGN)
    raise KeyboardInterrupt


def main(argv: list[str] | None = None) -> int:
    """Measure one round of one cell, or what is missing of it."""
    parser = parser_of(main)
    add_results(parser)
    parser.add_argument("--cell", required=True, help="SWEEP/WORKLOAD@DEFINITION")
    parser.add_argument("--round", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--engine-wait-s", type=float, default=WAIT_S, help="for an engine that went away, in seconds")
    arguments = parser.parse_args(argv)
    patience = Patience(log.info, arguments.engine_wait_s)
    return carry_out(
        lambda: _run_round(arguments.results, arguments.cell, arguments.round, patience), log_file=arguments.log
    )


def carry_out(work: Callable[[], None], *, log_file: Path) -> int:
    """Do work that launches, with its log in a file; the exit status. What stops it leaves no container behind."""
    round_log.keep(log_file)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        return command(work, log.error)
    except KeyboardInterrupt:
        log.error("threadmark: interrupted; the launches so far are kept, run again to carry on")
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
