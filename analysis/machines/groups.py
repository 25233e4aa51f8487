"""A ranking of machines, only where the intervals allow it: machines that cannot be told apart share a letter.

Compact letter display by insertion and absorption (Piepho 2004, "An algorithm for a letter-based representation of
all-pairwise comparisons"): start with one group of all; for each pair that differs, replace every group that holds both
by two that hold one each; drop what another group contains.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from analysis.machines.ratios import Ratio
from analysis.statistics.letters import complete, letter_groups
from analysis.tables.columns import SweepName, Told, WorkloadName


@dataclass(frozen=True)
class Standing:
    """A machine's place at one workload, in its best setting; one row of standings.csv."""

    sweep: SweepName
    workload: WorkloadName
    machine: Annotated[str, Told("the machine")]
    setting: Annotated[str, Told("its best setting, as the config writes it")]
    groups: Annotated[str, Told("letters; machines that share one cannot be told apart")]
    speed: Annotated[float, Told("work a second, geometric mean over the launches that count", "work units/s")]
    unit: Annotated[str, Told("of work")]
    cpus: Annotated[int, Told("CPUs that launches could use", "CPUs")]
    speed_per_cpu: Annotated[float, Told("speed over cpus", "work units/s")]


def standings(best: Sequence[Ratio]) -> list[Standing]:
    """For each workload of `compare_ratios.best_settings` its machines, the fastest first.

    A machine that was not held against each of the others has no place, and a workload without two places has none.
    """
    standings: list[Standing] = []
    for place in dict.fromkeys((ratio.sweep, ratio.workload) for ratio in best):
        standings += _stand([ratio for ratio in best if (ratio.sweep, ratio.workload) == place])
    return standings


def _stand(ratios: list[Ratio]) -> list[Standing]:
    tested = [ratio for ratio in ratios if ratio.verdict.is_tested]
    rows = {row.machine: row for ratio in tested for row in _both(ratio)}
    names = complete(list(rows), {frozenset((ratio.machine, ratio.against)) for ratio in tested})
    names.sort(key=lambda name: -rows[name].speed)
    told_apart = [frozenset((ratio.machine, ratio.against)) for ratio in tested if ratio.verdict.is_difference]
    letters = letter_groups(names, [pair for pair in told_apart if pair <= set(names)])
    return [replace(rows[name], groups=letters[name]) for name in names] if len(names) > 1 else []


def _both(ratio: Ratio) -> list[Standing]:
    sides = (
        (ratio.machine, ratio.setting, ratio.speed, ratio.cpus),
        (ratio.against, ratio.against_setting, ratio.against_speed, ratio.against_cpus),
    )
    return [
        Standing(
            sweep=ratio.sweep,
            workload=ratio.workload,
            machine=name,
            setting=setting,
            groups="",
            speed=speed,
            unit=ratio.unit,
            cpus=cpus,
            speed_per_cpu=speed / cpus,
        )
        for name, setting, speed, cpus in sides
        if speed is not None
    ]
