"""One round of one cell: each setting launched once, in seeded random order, one record a launch.

A launch that the machine disturbed, by the canary's word alone, is kept on file and made again at the round's end.
"""

from __future__ import annotations

import logging
import os
import random
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from uuid import uuid4

from containers.engine import connection as engine
from containers.launch import outside_container as bare
from containers.launch.in_container import launch, prepare
from containers.launch.outcome import judge
from containers.launch.volumes import provide
from containers.machine_lock import alone
from containers.rounds import log as round_log
from containers.rounds import noise_budget, progress
from containers.rounds.disturbance import WINDOW, Usual, canaries, disturbed, usual
from containers.rounds.gate import wait_until_quiet
from containers.rounds.journal import Journal
from containers.rounds.patience import WAIT_S, Patience
from containers.rounds.suspension import interruption, suspended_s
from workloads.vocabulary import documents
from workloads.vocabulary.command_line import add_results, parser_of
from workloads.vocabulary.decided import with_decisions
from workloads.vocabulary.errors import EngineError, RunError, command
from workloads.vocabulary.inventory import CanaryReference, Receipt
from workloads.vocabulary.plan import Cell, Plan
from workloads.vocabulary.record import Canary, ImageIdentity, Record, Setting

log = logging.getLogger("threadmark.run")


# How often a setting is launched in one round while the machine disturbs it.
MOST_ATTEMPTS = 3


def order(cell: Cell, number: int, asked: list[Setting]) -> tuple[str, list[Setting]]:
    """A round's seed and the order that it gives to the settings that the round holds."""
    seed = f"{cell.seed}/{cell.directory}/{number}"
    settings = sorted(asked, key=lambda setting: setting.id)
    random.Random(seed).shuffle(settings)
    return seed, settings


def measure(results: Path, plan: Plan, cell: Cell, number: int, patience: Patience) -> None:
    """Run what is missing of a round and give its file its name. Only one process at a time may be in here."""
    path = results / cell.round_file(number)
    if path.exists():
        log.info("%s is measured already", path)
        return
    client = patience.connect()
    bench = Bench(
        results=results,
        plan=plan,
        client=client,
        images={name: documents.read(Receipt, results / "images" / f"{name}.json").image for name in plan.images},
        canaries=Canaries(documents.read(CanaryReference, results / "canary.json"), latest(results, plan)),
        cpus=sorted(os.sched_getaffinity(0)),
        session=uuid4().hex[:8],
    )
    if cell.model is not None:
        provide(client, cell.model, next(iter(bench.images.values())).id)
    journal = Journal(path)
    asked = with_decisions(results, cell).asked(number)
    if not asked:
        raise RunError(
            f"{results / 'plan.json'} and the decisions on file do not ask for round {number} of {cell.name}",
            "remove the plan and run `snakemake --cores 1`, which makes it again",
        )
    seed, settings = order(cell, number, asked)
    gate_s = wait_until_quiet(bench.canaries.usual, log.info, within_s=noise_budget.left_s(results, plan))
    while due := next_launch(settings, journal.records, again=noise_budget.left_s(results, plan) > 0):
        setting, attempt = due
        try:
            record = bench.record(cell, number, setting, attempt, len(journal.records) + 1, seed, gate_s)
        except EngineError as error:
            bench = replace(bench, client=patience.outlast(error, bench.client))
            continue
        gate_s = 0.0
        patience.recorded()
        journal.append(record)
        log.info("%s", _line(results, plan, journal.records[-1]))
    journal.finish()


def next_launch(settings: list[Setting], records: list[Record], *, again: bool = True) -> tuple[Setting, int] | None:
    """The setting that comes next in a round, and which attempt at it; None once the round is whole.

    First every setting once, in the round's order; then again those whose last launch the machine disturbed, if there
    is time for launching again.
    """
    attempts = {setting.id: [record for record in records if record.setting.id == setting.id] for setting in settings}
    for attempt in range(1, (MOST_ATTEMPTS if again else 1) + 1):
        for setting in settings:
            made = attempts[setting.id]
            if len(made) == attempt - 1 and all(record.disturbed is not None for record in made):
                return setting, attempt
    return None


@dataclass
class Canaries:
    """What the canary took before the run and, so far, beside its launches."""

    reference: CanaryReference
    latest: list[Canary]

    @property
    def usual(self) -> Usual:
        """What is usual by now."""
        return usual(self.reference, self.latest)


def latest(results: Path, plan: Plan) -> list[Canary]:
    """The canaries of the latest launches on file, oldest first."""
    found: list[Record] = []
    for path in progress.recent(results, plan, WINDOW // 2):
        found += [documents.parse(Record, line, str(path)) for line in path.read_bytes().splitlines()]
    in_order = sorted(found, key=lambda record: record.started_at)
    return [canary for record in in_order for canary in canaries(record.measurement, record.cpu_quota)]


@dataclass(frozen=True)
class Bench:
    """What all launches of a round share."""

    results: Path
    plan: Plan
    client: engine.Client
    images: dict[str, ImageIdentity]
    canaries: Canaries
    cpus: list[int]
    session: str

    def record(
        self, cell: Cell, number: int, setting: Setting, attempt: int, position: int, seed: str, gate_s: float
    ) -> Record:
        """Launch a setting and record what came of it."""
        prepared = prepare(cell, setting, self.cpus, self.images)
        started_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        suspended = suspended_s()
        if prepared.container:
            ending, wall_s, engine_s = launch(self.client, cell, prepared)
        else:
            ending, wall_s, engine_s = bare.launch(self.client, prepared, cell.limits.timeout_s)
        suspended = suspended_s() - suspended
        log.debug("position %d, %s: %s", position, setting.label, round_log.words(ending))
        status, measurement, failure = judge(ending, cell.limits.timeout_s)
        reason = interruption(suspended, ending.paused) or disturbed(
            measurement, self.canaries.usual, prepared.cpu_quota
        )
        self.canaries.latest += canaries(measurement, prepared.cpu_quota)
        return Record(
            id=f"{cell.sweep}/{cell.workload}@{cell.definition}/{number}/{position}",
            status=status,
            machine=self.plan.machine,
            sweep=cell.sweep,
            workload=cell.workload,
            definition=cell.definition,
            round=number,
            position=position,
            attempt=attempt,
            order_seed=seed,
            session=self.session,
            setting=setting,
            case=prepared.case,
            image=prepared.image,
            environment=prepared.environment,
            command=prepared.command,
            cpuset=prepared.cpuset,
            cpu_quota=prepared.cpu_quota,
            model=None if cell.model is None else cell.model.content,
            limits=cell.limits,
            started_at=started_at,
            wall_s=wall_s,
            engine_s=engine_s,
            gate_s=gate_s,
            measurement=measurement,
            failure=failure,
            disturbed=reason,
        )


def _line(results: Path, plan: Plan, record: Record) -> str:
    """What a launch came to, and how long the rest will take."""
    seen: str = record.status
    if record.measurement is not None and record.measurement.samples:
        samples = sorted(record.measurement.samples)
        seen += f" {samples[len(samples) // 2] * 1e3:.4g} ms"
    if record.disturbed is not None:
        seen += f" (set aside: {record.disturbed})"
    run = progress.ahead(results, plan)
    return (
        f"{run.done}/{run.launches.replace(' to ', '-')} {record.sweep}/{record.workload} round {record.round}:"
        f" {record.setting.label}{' (again)' if record.attempt > 1 else ''}: {seen}; {run.left} left"
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
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return command(work, log.error)
    except KeyboardInterrupt:
        log.error("threadmark: interrupted; the launches so far are kept, run again to carry on")
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
