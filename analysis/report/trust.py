"""How far to trust a run: cycles set aside, unsteady launches, and comparisons of identical settings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from analysis.comparisons.comparison import Comparison
from analysis.comparisons.negative_controls import Control
from analysis.comparisons.valid_launches import counting
from analysis.statistics.log_mean import ALPHA
from analysis.tables.steadiness import FLAT, SLOWING_DOWN, UNSTEADY, WARMING_UP

# CPUs that a launch may use while it waits for its turn: as the supervisor in its container has it.
IDLE = 0.01


@dataclass(frozen=True)
class Quiet:
    """What the canary says of the whole run."""

    launches: int
    cycles: int  # turns of whole blocks
    set_aside: int  # of them, during which the machine gave less than it usually did in that round
    lost: int  # settings of a round of which nothing counts for that
    cpus: int  # on which the canary ran; 0: it ran nowhere
    capacity: float | None  # median over launches: how many CPUs' work got done at once
    seen_idle: int  # launches of which the CPU time between slices could be seen
    busy: list[str]  # ids of those that used more than 1 % of a CPU there, and were not held still
    held: int  # launches that were held still between slices
    handover_s: float | None  # median over launches: from a slice's order to its answer, less the calls
    steal_s: float | None  # all launches together; None: unavailable
    pressure_s: float | None


@dataclass(frozen=True)
class Placebo:
    """Comparisons of settings that differ in nothing: an A/A test."""

    comparisons: int
    below: int  # of them, with an unadjusted p below ALPHA, as that share of them is expected to be
    called: int  # of them, called faster or slower after the adjustment
    largest: float | None  # the largest difference that was seen, as a ratio above 1


@dataclass(frozen=True)
class Steadiness:
    """How the samples of the launches that count went, by analysis.tables.warmup: launches of each kind."""

    judged: int  # the others have too few samples
    flat: int
    warming_up: int
    slowing_down: int
    unsteady: int
    comparisons: int  # of which more than a quarter of the launches are unsteady


def quiet(launches: pd.DataFrame) -> Quiet:
    """Sum up the canary's ticks over all launches on file."""
    rounds = launches.groupby(["sweep", "workload", "definition", "round", "setting"], sort=False)
    # The launches of a block share its cycles; one that a race dropped has fewer.
    blocks = launches.sort_values("cycles").drop_duplicates(["definition", "round", "block"], keep="last")
    capacity = (launches["canary_cpus"] * launches["canary_one_s"] / launches["canary_all_s"]).dropna()
    return Quiet(
        launches=len(launches),
        cycles=int(blocks["cycles"].sum()),
        set_aside=int(blocks["cycles_aside"].sum()),
        lost=int(rounds["set_aside"].all().sum()),
        cpus=0 if capacity.empty else int(launches["canary_cpus"].max()),
        capacity=None if capacity.empty else float(capacity.median()),
        seen_idle=int(launches["idle_cpus"].notna().sum()),
        busy=[str(name) for name in launches.loc[(launches["idle_cpus"] > IDLE) & ~_held(launches), "id"]],
        held=int(_held(launches).sum()),
        handover_s=None if launches["handover_s"].isna().all() else float(launches["handover_s"].median()),
        steal_s=_total(launches["steal_s"]),
        pressure_s=_total(launches["pressure_s"]),
    )


def _held(launches: pd.DataFrame) -> pd.Series:
    return launches["held"].fillna(value=False).astype(bool)


def steadiness(launches: pd.DataFrame, comparisons: list[Comparison]) -> Steadiness:
    """Count the launches that count by how their samples went."""
    kinds = Counter(counting(launches)["steadiness"].dropna())
    flat, warming_up, slowing_down, unsteady = (kinds[kind] for kind in (FLAT, WARMING_UP, SLOWING_DOWN, UNSTEADY))
    marked = sum(comparison.is_unsteady for comparison in comparisons)
    return Steadiness(sum(kinds.values()), flat, warming_up, slowing_down, unsteady, marked)


def placebo(comparisons: list[Comparison], controls: Collection[Control]) -> Placebo:
    """The comparisons whose setting differs from its baseline in nothing that anything reads."""
    tested = [
        comparison
        for comparison in comparisons
        if comparison.p is not None and (comparison.definition, comparison.setting) in controls
    ]
    ratios = [max(comparison.ratio, 1 / comparison.ratio) for comparison in tested if comparison.ratio]
    return Placebo(
        comparisons=len(tested),
        below=sum(1 for comparison in tested if comparison.p is not None and comparison.p < ALPHA),
        called=sum(1 for comparison in tested if comparison.verdict.is_difference),
        largest=max(ratios, default=None),
    )


def _total(seconds: pd.Series) -> float | None:
    known = seconds.dropna()
    return None if known.empty else float(known.sum())
