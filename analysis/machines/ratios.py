"""How much faster is one machine than another at the same work, and how sure are we?

The launches of two machines are independent, so nothing is paired: of each machine the logarithms of work a second,
one for each round's launch at its median, are averaged, and the two means held against each other by Welch's test
(1947, "The generalization of 'Student's' problem when several different population variances are involved") with
Satterthwaite's degrees of freedom. The launch stays the unit of replication. Unlike a comparison within a machine,
drift does not cancel: the interval covers the launches of these two machines in these hours, and says nothing of other
machines of their kind.

Verdicts are adjusted by Holm's procedure over all ratios of a sweep, every pair of machines among them; those of the
table of best settings over that table. Equivalence is tested as analysis.comparisons.compare does.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from analysis.comparisons.verdict import Verdict, verdict_of
from analysis.machines.likeness import Refusal, matches, unlike_cells, unlike_launches, unlike_suites
from analysis.machines.machine_run import Measured, Side
from analysis.margin import MARGIN
from analysis.recommendations.recommend import Recommendation
from analysis.records.written import written_label
from analysis.statistics.holm import holm
from analysis.statistics.welch import welch_of_values
from analysis.tables.columns import SweepName, Told, WorkloadName


@dataclass(frozen=True)
class Ratio:
    """A machine's work a second over another's; one row of ratios.csv or best.csv."""

    sweep: SweepName
    workload: WorkloadName
    setting: Annotated[str, Told("the machine's setting, as the config writes it")]
    against_setting: Annotated[str, Told("the other machine's")]
    machine: Annotated[str, Told("the machine")]
    against: Annotated[str, Told("the machine that it is held against")]
    cpus: Annotated[int, Told("CPUs that launches could use on the machine", "CPUs")]
    against_cpus: Annotated[int, Told("on the other one", "CPUs")]
    unit: Annotated[str, Told("of work")]
    speed: Annotated[float | None, Told("work a second, geometric mean over the launches that count", "work units/s")]
    against_speed: Annotated[float | None, Told("the other machine's", "work units/s")]
    launches: Annotated[int, Told("launches of the machine that count", "1")]
    against_launches: Annotated[int, Told("those of the other one", "1")]
    verdict: Annotated[Verdict, Told("faster, slower, equivalent, no difference resolved, or why there is none")]
    ratio: Annotated[float | None, Told("the machine's work a second over the other's", "1")] = None
    low: Annotated[float | None, Told("lower bound of its 95 % interval, for this ratio alone", "1")] = None
    high: Annotated[float | None, Told("upper bound", "1")] = None
    p: Annotated[float | None, Told("of Welch's test, two-sided, unadjusted", "1")] = None
    p_adjusted: Annotated[float | None, Told("after Holm's adjustment", "1")] = None
    family: Annotated[int, Told("ratios that were adjusted together", "1")] = 0
    p_equivalence: Annotated[float | None, Told("of two one-sided tests at the margin, unadjusted", "1")] = None
    margin: Annotated[float | None, Told("ratios up to 1 + margin, or its inverse, make no difference", "1")] = None

    @property
    def cpu_ratio(self) -> float:
        """How many CPUs the machine has for each of the other's."""
        return self.cpus / self.against_cpus


def same_settings(machines: Sequence[Measured]) -> tuple[list[Ratio], list[Refusal]]:
    """Every pair of machines at every setting that both measured; each sweep adjusted together."""
    ratios: list[Ratio] = []
    refused: list[Refusal] = []
    for reference, machine in itertools.combinations(machines, 2):
        pairs, unlike = matches(machine, reference)
        refused += unlike
        for mine, its in pairs:
            _sort(compare(mine, its), ratios, refused)
    return adjusted(ratios, lambda ratio: ratio.sweep), refused


def best_settings(machines: Sequence[Measured]) -> tuple[list[Ratio], list[Refusal]]:
    """Every pair of machines, each in the setting that is recommended there; all adjusted together."""
    ratios: list[Ratio] = []
    refused: list[Refusal] = []
    for reference, machine in itertools.combinations(machines, 2):
        others = {
            (recommendation.cell.sweep, recommendation.cell.workload): recommendation
            for recommendation in reference.recommended
        }
        for recommendation in machine.recommended:
            other = others.get((recommendation.cell.sweep, recommendation.cell.workload))
            if other is not None:
                _sort(_compare_best(machine, recommendation, reference, other), ratios, refused)
    return adjusted(ratios, lambda _: ""), refused


def _compare_best(
    machine: Measured, recommendation: Recommendation, reference: Measured, other: Recommendation
) -> Ratio | Refusal:
    mine, its = Side(machine, recommendation.cell, recommendation.setting), Side(reference, other.cell, other.setting)
    if reason := unlike_suites(machine.plan, reference.plan) or unlike_cells(recommendation.cell, other.cell):
        return _refusal(mine, its, reason)
    return compare(mine, its)


def compare(side: Side, reference: Side) -> Ratio | Refusal:
    """Two sides that do the same work, not yet adjusted."""
    if reason := unlike_launches(side, reference):
        return _refusal(side, reference, reason)
    mine, its = (side.log_speeds.to_numpy(dtype=float) for side in (side, reference))
    row = Ratio(
        sweep=side.cell.sweep,
        workload=side.cell.workload,
        setting=written_label(side.setting),
        against_setting=written_label(reference.setting),
        machine=side.measured.name,
        against=reference.measured.name,
        cpus=side.measured.cpus,
        against_cpus=reference.measured.cpus,
        unit=str(side.launches["work_unit"].iloc[0]),
        speed=math.exp(float(mine.mean())),
        against_speed=math.exp(float(its.mean())),
        launches=len(mine),
        against_launches=len(its),
        verdict=Verdict.UNRESOLVED,
        ratio=math.exp(float(mine.mean() - its.mean())),
    )
    difference = welch_of_values(mine, its)
    if difference is None:
        return replace(row, verdict=Verdict.ONE_ROUND if min(len(mine), len(its)) < 2 else Verdict.NO_VARIANCE)
    low, high = difference.interval
    p, same = difference.p_difference(), difference.p_equivalence(MARGIN)
    return replace(row, low=low, high=high, p=p, p_equivalence=same, margin=MARGIN)


def _refusal(side: Side, reference: Side, reason: str) -> Refusal:
    return Refusal(
        machine=side.measured.name,
        against=reference.measured.name,
        sweep=side.cell.sweep,
        workload=side.cell.workload,
        setting=written_label(side.setting),
        reason=reason,
    )


def _sort(compared: Ratio | Refusal, ratios: list[Ratio], refused: list[Refusal]) -> None:
    if isinstance(compared, Ratio):
        ratios.append(compared)
    else:
        refused.append(compared)


def adjusted(ratios: list[Ratio], family: Callable[[Ratio], str]) -> list[Ratio]:
    """The same, in their order, with p-values adjusted within each family, and the verdicts that follow."""
    judged = list(ratios)
    for name in dict.fromkeys(map(family, ratios)):
        tested = [
            (index, ratio.p) for index, ratio in enumerate(ratios) if family(ratio) == name and ratio.p is not None
        ]
        for (index, _), p in zip(tested, holm([p for _, p in tested]), strict=True):
            judged[index] = _judge(ratios[index], p, len(tested))
    return judged


def _judge(ratio: Ratio, p: float, family: int) -> Ratio:
    assert ratio.ratio is not None  # there is a p
    return replace(ratio, verdict=verdict_of(ratio.ratio, p, ratio.p_equivalence), p_adjusted=p, family=family)
