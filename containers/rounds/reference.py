"""The machine's own reference for the canary, taken before the run in a container like a launch's.

python -m containers.rounds.reference --results results/MACHINE
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from containers.engine import connection as engine
from containers.engine.question import ask
from containers.machine_lock import alone
from containers.notices import say
from containers.rounds.disturbance import WINDOW
from workloads.vocabulary import documents
from workloads.vocabulary.command_line import add_results, parser_of
from workloads.vocabulary.errors import command
from workloads.vocabulary.inventory import CanaryReference, Receipt
from workloads.vocabulary.plan import Plan
from workloads.vocabulary.record import Canary


def take_reference(results: Path) -> CanaryReference:
    """Take the canary as often as it takes to say what is usual; some seconds. Raises ImageError or EngineError."""
    plan = documents.read(Plan, results / "plan.json")
    image = documents.read(Receipt, results / "images" / f"{next(iter(plan.images))}.json").image
    client = engine.connect()
    with alone(say), engine.engine_errors("taking the canary's reference"):
        words = ["python3", "-m", "workloads.harness.canary", str(WINDOW)]
        answer = ask(client, image=image.id, command=words, cpus=sorted(os.sched_getaffinity(0)))
    return CanaryReference(
        machine=plan.machine,
        canaries=documents.parse(list[Canary], answer, "the canary's answer"),
        taken_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def main(argv: list[str] | None = None) -> int:
    """Command line: write canary.json of a machine's folder."""
    parser = parser_of(main)
    add_results(parser)
    arguments = parser.parse_args(argv)
    return command(lambda: documents.write(arguments.results / "canary.json", take_reference(arguments.results)))


if __name__ == "__main__":
    raise SystemExit(main())
