"""How machines do over all workloads: one number for each against the first one, each in its best settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from analysis.machines.ratios import Ratio
from analysis.statistics.geometric_mean import Interval, geometric_mean
from analysis.tables.columns import Told


@dataclass(frozen=True)
class Overall:
    """A machine against the first one; one row of overall.csv."""

    machine: Annotated[str, Told("the machine")]
    against: Annotated[str, Told("the first machine, which the others are held against")]
    workloads: Annotated[int, Told("workloads that both measured, each once", "1")]
    ratio: Annotated[float, Told("work a second over the other's: geometric mean over workloads", "1")]
    low: Annotated[float, Told("lower bound of its 95 % interval, the workloads' intervals taken as independent", "1")]
    high: Annotated[float, Told("upper bound", "1")]
    per_cpu: Annotated[float, Told("the same mean for each CPU", "1")]
    faster: Annotated[int, Told("workloads on which the machine is faster", "1")]
    slower: Annotated[int, Told("workloads on which it is slower", "1")]


def overall(best: Sequence[Ratio], names: Sequence[str]) -> list[Overall]:
    """A row for each machine but the first of `names`, over `best`, the ratios in each machine's best setting.

    A workload in several sweeps counts once, by the first of them.
    """
    return [row for name in names[1:] if (row := _row(best, name, names[0])) is not None]


def _row(best: Sequence[Ratio], machine: str, against: str) -> Overall | None:
    of_pair: dict[str, Ratio] = {}
    for ratio in best:
        if (ratio.machine, ratio.against) == (machine, against) and ratio.ratio and ratio.low and ratio.high:
            of_pair.setdefault(ratio.workload, ratio)
    rows = list(of_pair.values())
    if not rows:
        return None
    mean = geometric_mean(Interval(row.ratio or 1.0, row.low or 1.0, row.high or 1.0) for row in rows)
    return Overall(
        machine=machine,
        against=against,
        workloads=len(rows),
        ratio=mean.ratio,
        low=mean.low,
        high=mean.high,
        per_cpu=mean.ratio / rows[0].cpu_ratio,
        faster=sum(row.verdict.is_better for row in rows),
        slower=sum(row.verdict.is_worse for row in rows),
    )
