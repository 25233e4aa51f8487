"""How machines do over all workloads: one number for each against the first one, each in its best settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    per_price: Annotated[float | None, Told("the same mean for what both cost an hour, as their configs say", "1")]
    faster: Annotated[int, Told("workloads on which the machine is faster", "1")]
    slower: Annotated[int, Told("workloads on which it is slower", "1")]


def overall(best: Sequence[Ratio], prices: Mapping[str, float | None]) -> list[Overall]:
    """A row for each machine but the first, over `best`, the ratios in each machine's best setting.

    `prices`: machine -> what an hour of it costs, None where its config does not say; the machines' order is this one.
    A workload in several sweeps counts once, by the first of them.
    """
    first, *others = prices
    return [row for name in others if (row := _row(best, name, first, prices)) is not None]


def _row(best: Sequence[Ratio], machine: str, against: str, prices: Mapping[str, float | None]) -> Overall | None:
    of_pair: dict[str, Ratio] = {}
    for ratio in best:
        if (ratio.machine, ratio.against) == (machine, against) and ratio.ratio and ratio.low and ratio.high:
            of_pair.setdefault(ratio.workload, ratio)
    rows = list(of_pair.values())
    if not rows:
        return None
    mine, its = prices[machine], prices[against]
    mean = geometric_mean(Interval(row.ratio or 1.0, row.low or 1.0, row.high or 1.0) for row in rows)
    return Overall(
        machine=machine,
        against=against,
        workloads=len(rows),
        ratio=mean.ratio,
        low=mean.low,
        high=mean.high,
        per_cpu=mean.ratio / rows[0].cpu_ratio,
        per_price=mean.ratio * its / mine if mine and its else None,
        faster=sum(row.verdict.is_better for row in rows),
        slower=sum(row.verdict.is_worse for row in rows),
    )
