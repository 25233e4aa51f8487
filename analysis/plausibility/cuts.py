"""What plans on file from before their launches say that the plan of today does not: rounds that were cut."""

from __future__ import annotations

from collections.abc import Sequence

from workloads.vocabulary.amounts import count
from workloads.vocabulary.plan import Plan
from workloads.vocabulary.preregistration import Preregistration, checksum


def cuts(plan: Plan, registered: Sequence[Preregistration]) -> list[str]:
    """Clauses, in order of the plans, on rounds and workloads that a plan had and the one of today does not.

    `plan`: as it was made, with nothing decided. None where nothing was registered, as in older runs.
    """
    if not registered:
        return []
    today = {cell.directory: cell.rounds for cell in plan.cells}
    clauses = []
    for entry in registered:
        fewer = {
            directory: f"{directory.removeprefix('rounds/')}: {rounds} rounds, now {today[directory]}"
            for directory, rounds in entry.rounds.items()
            if rounds > today.get(directory, rounds)
        }
        if fewer:
            clauses.append(f"the plan of {entry.first_used_at} had more rounds: {'; '.join(fewer.values())}")
        if dropped := len(entry.rounds.keys() - today.keys()):
            clauses.append(f"the plan of {entry.first_used_at} had {count(dropped, 'workload')} that this one has not")
    if registered[-1].sha256 != checksum(plan):
        clauses.append("no launch was made by the plan as it is now")
    return clauses
