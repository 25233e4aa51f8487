"""Which badges of artifact evaluation a reproduction gives evidence for, and which it cannot.

The badges are those of ACM's "Artifact Review and Badging", version 1.1 (2020). A committee awards them; what stands
here is the evidence that the two runs hold, and what is missing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from analysis.machines.machine_run import Measured
from analysis.reproduction.rules import Result
from workloads.vocabulary.amounts import count
from workloads.vocabulary.record import Status


class Support(StrEnum):
    """Whether two runs give evidence for a badge."""

    YES = "yes"
    NO = "no"
    IN_PART = "in part"
    NOT_HERE = "not decided here"


@dataclass(frozen=True)
class Badge:
    """A badge, and whether these runs support it."""

    name: str
    supported: Support
    evidence: str  # a sentence made from the runs


def badges(original: Measured, again: Measured, checked: str, results: Sequence[Result]) -> list[Badge]:
    """All badges. `checked` says what was verified of the bundle, empty if nothing was.

    `results` are the rules' for what the original decided, and for what only the second run did.
    """
    return [_available(checked), _functional(again, checked), _reproduced(original, again, results), _replicated()]


def _available(checked: str) -> Badge:
    told = checked or "The original was given as a folder, so there are no checksums to verify it by."
    return Badge(
        "Artifacts Available",
        Support.NOT_HERE,
        f"It takes a permanent public archive with an identifier of its own, which no run can show. {told}",
    )


def _functional(again: Measured, checked: str) -> Badge:
    launches = again.evidence.launches
    failed = int((launches["status"] != Status.OK).sum())
    first = len(launches.drop_duplicates(["definition", "round", "setting"]))  # format 2 made disturbed ones again
    held = first >= again.plan.launches and not failed
    return Badge(
        "Artifacts Evaluated, Functional",
        Support.YES if held and checked else Support.IN_PART if held else Support.NO,
        f"From the original's config {count(first, 'launch')} of {again.plan.launches} planned were made here, and "
        f"{failed} of all on file failed or gave a wrong output. {checked}".strip(),
    )


def _reproduced(original: Measured, again: Measured, results: Sequence[Result]) -> Badge:
    counts = Counter(results)
    whole = Support.IN_PART if counts[Result.UNDECIDED] else Support.YES
    supported = (
        Support.NO if counts[Result.NOT_REPRODUCED] else whole if counts[Result.REPRODUCED] else Support.NOT_HERE
    )
    where = "the same machine" if original.machine.slug == again.machine.slug else "another machine"
    return Badge(
        "Results Reproduced",
        supported,
        f"On {where}, of the comparisons and claims that the original decided: "
        f"{counts[Result.REPRODUCED]} reproduced, {counts[Result.NOT_REPRODUCED]} not reproduced, "
        f"{counts[Result.UNDECIDED]} undecided. The badge also asks that somebody else than the authors did it.",
    )


def _replicated() -> Badge:
    return Badge(
        "Results Replicated",
        Support.NO,
        "It takes a study without the authors' artifacts, and this one used them.",
    )
