"""How far a run is, and how long the rest will take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from containers.rounds.on_file import on_file
from workloads.vocabulary.amounts import rough_duration
from workloads.vocabulary.decided import with_decisions
from workloads.vocabulary.plan import Cell, Plan

# A launch's time beside warm-up and timing, until real ones are on file: engine, import, build, check.
OVERHEAD_S = 3.5

_RECENT_FILES = 12


@dataclass(frozen=True)
class Ahead:
    """Launches and seconds of a run, certain and at most: rounds beyond the first may be decided on as it goes."""

    done: int  # launches on file, those of rounds under way among them
    least: int  # launches of the whole run
    most: int
    least_s: float  # of measuring that is left
    most_s: float

    @property
    def launches(self) -> str:
        """The launches of the whole run: `40`, or `40 to 96`."""
        return str(self.least) if self.least == self.most else f"{self.least} to {self.most}"

    @property
    def left(self) -> str:
        """The time that is left: `about 12 min`, or `at least 12 min, at most 40 min`."""
        if self.least == self.most:
            return f"about {rough_duration(self.least_s)}"
        return f"at least {rough_duration(self.least_s)}, at most {rough_duration(self.most_s)}"


def ahead(results: Path, plan: Plan) -> Ahead:
    """How far a run is.

    Seconds a launch come from the latest records on file where there are some, else from the timing that
    the config asks for.
    """
    each_s = _seconds_a_launch(results, plan)
    cells = [_ahead(results, cell, each_s) for cell in plan.cells]
    return Ahead(
        done=sum(ahead.done for ahead in cells),
        least=sum(ahead.least for ahead in cells),
        most=sum(ahead.most for ahead in cells),
        least_s=sum(ahead.least_s for ahead in cells),
        most_s=sum(ahead.most_s for ahead in cells),
    )


def _ahead(results: Path, planned: Cell, each_s: float) -> Ahead:
    cell = with_decisions(results, planned)
    done_rounds = [on_file(results / cell.round_file(number)) for number in range(1, cell.settled + 1)]
    done = sum(round_.settings for round_ in done_rounds)
    least_s = (cell.launches - done) * each_s
    if cell.adaptive is None or cell.due is None:
        return Ahead(done, cell.launches, cell.launches, least_s, least_s)
    further = (cell.adaptive.most - cell.settled) * len(cell.settings)
    if cell.adaptive.budget_s is not None and each_s > 0:
        spent_s = sum(round_.took_s for round_ in done_rounds)
        further = min(further, max(0, int((cell.adaptive.budget_s - spent_s - least_s) / each_s)))
    return Ahead(done, cell.launches, cell.launches + further, least_s, least_s + further * each_s)


def is_whole(results: Path, plan: Plan) -> bool:
    """Whether every launch that the plan and the decisions on file ask for is on file, and no decision is due."""
    run = ahead(results, plan)
    return run.done >= run.least and all(with_decisions(results, cell).due is None for cell in plan.cells)


def summary(results: Path, plan: Plan) -> str:
    """What a run is about to do, in one line."""
    rounds = sum(with_decisions(results, cell).settled for cell in plan.cells)
    run = ahead(results, plan)
    more = "" if run.least == run.most else " and more, as these show"
    measured = f", {run.done} of them on file" if run.done else ""
    return (
        f"threadmark: {plan.machine}: {run.launches} launches in {rounds} rounds{more}{measured};"
        f" {run.left} of measuring to go"
    )


def _paths(results: Path, plan: Plan) -> Iterable[Path]:
    for cell in plan.cells:
        for number in range(1, with_decisions(results, cell).settled + 1):
            yield results / cell.round_file(number)


def _seconds_a_launch(results: Path, plan: Plan) -> float:
    """What a launch takes, where others are up at the same time its share of that."""
    whole = [path for path in _paths(results, plan) if path.exists()]
    recent = sorted(whole, key=lambda path: path.stat().st_mtime)[-_RECENT_FILES:]
    last = [on_file(path) for path in recent]
    if launches := sum(round_.settings for round_ in last):
        return sum(round_.took_s for round_ in last) / launches
    timings = [cell.timing for cell in plan.cells]
    return fmean([timing.warmup_s + timing.slice_s * timing.cycles + OVERHEAD_S for timing in timings] or [0.0])
