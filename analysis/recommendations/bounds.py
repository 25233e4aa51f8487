"""Whether a setting holds the bounds of its sweep: on the tail of its calls, and on its memory.

A bound on p99 holds if at most one call in a hundred is over it: by the upper 95 % limit of that share, exact for the
binomial distribution (Clopper and Pearson 1934), over the calls of all launches that count. 299 calls without one over
the bound are the fewest that say so. A bound on memory holds if no launch was over it.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from scipy.stats import beta

from analysis.statistics.log_mean import ALPHA
from analysis.wording import call_time
from workloads.vocabulary import amounts
from workloads.vocabulary.metrics import MetricName
from workloads.vocabulary.plan import Bounds, Cell

_SHARE = 0.01


class Held(StrEnum):
    """What launches say of bounds."""

    YES = "holds"
    NO = "does not hold"
    OPEN = "not known to hold"


@dataclass(frozen=True)
class Judged:
    """One setting held against the bounds."""

    held: Held
    words: str  # what was seen


def told(bounds: Bounds) -> str:
    """The bounds in words."""
    parts = []
    if bounds.p99_s is not None:
        parts.append(f"p99 of at most {call_time(bounds.p99_s)}")
    if bounds.memory_bytes is not None:
        parts.append(f"at most {amounts.size(bounds.memory_bytes)} of memory")
    return " and ".join(parts)


def judge(cell: Cell, launches: pd.DataFrame, samples: pd.DataFrame) -> dict[str, Judged]:
    """Setting id -> what its launches say; empty if the cell has no bounds.

    `launches` are those that count, of all cells; `samples` the table of samples.
    """
    if cell.bounds is None:
        return {}
    own = launches[(launches["definition"] == cell.definition) & (launches["workload"] == cell.workload)]
    return {setting.id: _judged(cell.bounds, own[own["setting"] == setting.id], samples) for setting in cell.settings}


def _judged(bounds: Bounds, launches: pd.DataFrame, samples: pd.DataFrame) -> Judged:
    judged = []
    if bounds.p99_s is not None:
        judged.append(_tail(bounds.p99_s, launches, samples))
    if bounds.memory_bytes is not None:
        judged.append(_memory(bounds.memory_bytes, launches))
    worst = next((held for held in (Held.NO, Held.OPEN) if any(part.held is held for part in judged)), Held.YES)
    return Judged(worst, ", ".join(part.words for part in judged))


def _tail(bound_s: float, launches: pd.DataFrame, samples: pd.DataFrame) -> Judged:
    if launches.empty or (launches["metric"] != MetricName.LATENCY).any():
        return Judged(Held.OPEN, "single calls were not timed")
    calls = samples.loc[samples["id"].isin(launches["id"]) & ~samples["warmup"], "seconds"].to_numpy(dtype=float)
    over = int((calls > bound_s).sum())
    words = f"{over} of {amounts.count(len(calls), 'call')} took longer than {call_time(bound_s)}"
    low, high = _share(over, len(calls))
    return Judged(Held.YES if high <= _SHARE else Held.NO if low > _SHARE else Held.OPEN, words)


def _share(over: int, calls: int) -> tuple[float, float]:
    """One-sided 95 % limits of the share of calls over the bound."""
    low = float(beta.ppf(ALPHA, over, calls - over + 1)) if over else 0.0
    return low, float(beta.ppf(1 - ALPHA, over + 1, calls - over)) if over < calls else 1.0


def _memory(bound: int, launches: pd.DataFrame) -> Judged:
    peaks = launches["peak_rss_bytes"].dropna().to_numpy(dtype=float)
    if not len(peaks):
        return Judged(Held.OPEN, "its memory is not known")
    most = int(np.max(peaks))
    return Judged(Held.YES if most <= bound else Held.NO, f"{amounts.size(most)} of memory")
