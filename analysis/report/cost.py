"""Where the time of the launches went, and how much of the whole run's was spent in timed calls.

The run lasts from its first launch's start to its last one's end, with all that lies between launches: Snakemake's
jobs, making images between rounds. Only pauses that no such thing takes are left out, and
told: there the run was stopped and taken up again.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

_PHASES = (
    ("engine_s", "container engine: create, start, collect, remove"),
    ("start_s", "process start"),
    ("import_s", "import of TensorFlow"),
    ("build_s", "context, inputs, model"),
    ("first_call_s", "first call (tracing)"),
    ("check_s", "output check"),
    ("warmup_s", "warm-up"),
    ("timing_s", "turns: timed calls, and the calls before each slice that do not count"),
    ("waiting_s", "waiting for its turns, while other launches had theirs"),
)


# More than an image takes to be built.
_INTERRUPTION_S = 1200.0

# Blocks of launches never overlap; times of day are kept to a thousandth of a second.
_OVERLAP_S = 1.0


@dataclass(frozen=True)
class Phase:
    """A phase over all launches, in seconds."""

    name: str
    total_s: float


@dataclass(frozen=True)
class Cost:
    """Times over all launches on file, in seconds."""

    phases: list[Phase]
    wall_s: float
    timed_s: float  # of calls that were counted, in cycles that were set aside too
    first: str | None  # UTC: when the first launch started, and when the last one ended
    last: str | None
    measuring_s: float | None  # from the one to the other, less interruptions; None: the clock was set meanwhile
    interruptions: int
    interrupted_s: float


def cost(launches: pd.DataFrame, slices: pd.DataFrame) -> Cost:
    """Add up the phases; what no phase covers (failed launches, mostly) stands last."""
    wall_s = float(launches["wall_s"].sum())
    phases = [Phase(name, float(launches[column].sum())) for column, name in _PHASES]
    phases.append(Phase("the rest: failed launches, process end", wall_s - sum(phase.total_s for phase in phases)))
    # The time of day of a stopped clock would be worse than none: an unreadable one is NaT and is left out.
    started = pd.to_datetime(launches["started_at"], utc=True, format="ISO8601", errors="coerce")
    ended = started + pd.to_timedelta(launches["wall_s"], unit="s")
    timed_s = float((slices["calls"].astype(float) * slices["work_s"]).sum())
    first, last = _minute(started.min()), _minute(ended.max())
    of_block = [launches[key] for key in ("definition", "round", "block")]
    blocks = pd.DataFrame({"started": started, "ended": ended}).groupby(of_block)
    return Cost(phases, wall_s, timed_s, first, last, *_measuring(blocks["started"].min(), blocks["ended"].max()))


def _measuring(started: pd.Series, ended: pd.Series) -> tuple[float | None, int, float]:
    """Seconds of measuring, the number of interruptions, and their seconds; of blocks, which follow one another."""
    order = started.dropna().sort_values().index
    if not len(order):
        return None, 0, 0.0
    gaps = (started[order].iloc[1:].to_numpy() - ended[order].iloc[:-1].to_numpy()) / np.timedelta64(1, "s")
    interrupted = gaps[gaps > _INTERRUPTION_S]
    span_s = float((ended[order].max() - started[order].min()).total_seconds())
    measuring_s = None if (gaps < -_OVERLAP_S).any() else span_s - float(interrupted.sum())
    return measuring_s, len(interrupted), float(interrupted.sum())


def _minute(moment: pd.Timestamp) -> str | None:
    return None if pd.isna(moment) else moment.strftime("%Y-%m-%d %H:%M")
