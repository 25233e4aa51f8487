"""Whether the launches did what they were asked to: threads, outputs, failures, rounds that are not there."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd

from workloads.vocabulary.plan import Plan
from workloads.vocabulary.record import Status

_MOST_WORDS = 10


@dataclass(frozen=True)
class Mismatch:
    """Launches of one setting in which a pool had another size than was asked for."""

    sweep: str
    workload: str
    label: str
    pool: str
    asked: int
    observed: int
    launches: int
    file: str  # of the first of them
    line: int


@dataclass(frozen=True)
class Threads:
    """Threads asked for against threads observed."""

    checked: int  # launches in which both pools were seen
    unseen: int  # launches that measured, but in which a pool could not be seen
    mismatches: list[Mismatch]


@dataclass(frozen=True)
class OutputCheck:
    """A workload's outputs held against their reference."""

    workload: str
    checked: int  # launches
    wrong: int  # of them, outside the tolerance
    error: float | None  # the largest; None if none was finite
    tolerance: float
    reference: str


@dataclass(frozen=True)
class Failed:
    """A launch that gave no valid measurement."""

    id: str
    status: str
    label: str
    message: str
    last_stderr: str
    file: str
    line: int


@dataclass(frozen=True)
class Absent:
    """A round that is not, or not wholly, on file."""

    sweep: str
    workload: str
    round: int
    launches: int  # on file
    settings: int  # planned


def threads(launches: pd.DataFrame) -> Threads:
    """Compare both pools of each launch that measured with what TensorFlow's rules give for what was asked."""
    measured = launches[launches["median_s"].notna()]
    pools = [_mismatches(measured, pool) for pool in ("intra", "inter")]
    seen = measured[["asked_intra", "asked_inter", "observed_intra", "observed_inter"]].notna().all(axis="columns")
    return Threads(int(seen.sum()), int((~seen).sum()), [mismatch for pool in pools for mismatch in pool])


def _mismatches(measured: pd.DataFrame, pool: str) -> list[Mismatch]:
    asked, observed = f"asked_{pool}", f"observed_{pool}"
    known = measured.dropna(subset=[asked, observed])
    wrong = known[known[asked] != known[observed]]
    keys = ["sweep", "workload", "label", asked, observed]
    return [
        Mismatch(
            sweep=str(group["sweep"].iloc[0]),
            workload=str(group["workload"].iloc[0]),
            label=str(group["label"].iloc[0]),
            pool=f"{pool}_op",
            asked=int(group[asked].iloc[0]),
            observed=int(group[observed].iloc[0]),
            launches=len(group),
            file=str(group["file"].iloc[0]),
            line=int(group["line"].iloc[0]),
        )
        for _, group in wrong.groupby(keys, sort=False)
    ]


def output_checks(launches: pd.DataFrame) -> list[OutputCheck]:
    """One row for each workload, reference and tolerance, over its launches in all sweeps."""
    checked = launches[launches["check_passed"].notna()]
    keys = ["workload", "check_tolerance", "check_reference"]
    return [
        OutputCheck(
            workload=str(group["workload"].iloc[0]),
            checked=len(group),
            wrong=int((~group["check_passed"].astype(bool)).sum()),
            error=None if group["check_error"].isna().all() else float(group["check_error"].max()),
            tolerance=float(group["check_tolerance"].iloc[0]),
            reference=str(group["check_reference"].iloc[0]),
        )
        for _, group in checked.groupby(keys, sort=False)
    ]


def retraced(launches: pd.DataFrame) -> list[str]:
    """Ids of launches that traced while they were timed: those times hold more than the work."""
    return [str(name) for name in launches.loc[launches["traces"].fillna(0) > 0, "id"]]


def alike(failures: Sequence[Failed]) -> list[list[Failed]]:
    """Failures of one setting that ended in the same way and with the same words, the most frequent first."""
    groups: dict[tuple[str, str, str], list[Failed]] = {}
    for failed in failures:
        groups.setdefault((failed.label, failed.status, failed.message), []).append(failed)
    return sorted(groups.values(), key=len, reverse=True)


def failures(launches: pd.DataFrame) -> list[Failed]:
    """Every launch whose status is not ok, in the plan's order."""
    failed = launches[launches["status"] != Status.OK]
    return [
        Failed(
            id=str(row["id"]),
            status=str(row["status"]),
            label=str(row["label"]),
            message=str(row["message"]),
            last_stderr="" if pd.isna(row["last_stderr"]) else str(row["last_stderr"]),
            file=str(row["file"]),
            line=int(row["line"]),
        )
        for row in failed.to_dict("records")
    ]


def last_words(root: Path, failed: list[Failed]) -> list[tuple[Failed, list[str]]]:
    """The first failed launches that said more than one line before they ended, with these lines, from their records.

    At most ten, which is enough to see what went wrong; the others' are in their records.
    """
    said = ((failed, _stderr(root, failed)) for failed in failed)
    return list(islice(((failed, lines) for failed, lines in said if len(lines) > 1), _MOST_WORDS))


def _stderr(root: Path, failed: Failed) -> list[str]:
    with (root / failed.file).open("rb") as stream:
        record = json.loads(next(islice(stream, failed.line - 1, None)))
    return [str(line) for line in (record["failure"] or {}).get("stderr", [])]


def absent_rounds(plan: Plan, launches: pd.DataFrame) -> list[Absent]:
    """Rounds of the plan of which launches are missing: an interrupted run, or one that still goes on."""
    counts = launches["file"].value_counts()
    return [
        Absent(cell.sweep, cell.workload, number, int(counts.get(cell.round_file(number), 0)), len(cell.asked(number)))
        for cell in plan.cells
        for number in range(1, cell.rounds + 1)
        if counts.get(cell.round_file(number), 0) < len(cell.asked(number))
    ]


def exists(root: Path, file: str) -> bool:
    """Whether a link to `file` leads anywhere."""
    return (root / file).exists()
