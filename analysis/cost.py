"""Where the time of the launches went."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

_PHASES = (
    ("engine_s", "container engine: create, start, collect, remove"),
    ("start_s", "process start"),
    ("import_s", "import of TensorFlow"),
    ("build_s", "context, inputs, model"),
    ("first_call_s", "first call (tracing)"),
    ("check_s", "output check"),
    ("warmup_s", "warm-up"),
    ("timing_s", "timed calls"),
    ("canary_s", "canary before and after"),
)


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
    timed_s: float
    first: str | None  # UTC: when the first launch started, and when the last one ended
    last: str | None


def cost(launches: pd.DataFrame) -> Cost:
    """Add up the phases; what no phase covers (failed launches, mostly) stands last."""
    wall_s = float(launches["wall_s"].sum())
    phases = [Phase(name, float(launches[column].sum())) for column, name in _PHASES]
    phases.append(Phase("the rest: failed launches, process end", wall_s - sum(phase.total_s for phase in phases)))
    # The time of day of a stopped clock would be worse than none: an unreadable one is NaT and is left out.
    started = pd.to_datetime(launches["started_at"], utc=True, format="ISO8601", errors="coerce")
    ended = started + pd.to_timedelta(launches["wall_s"], unit="s")
    return Cost(phases, wall_s, float(launches["timing_s"].sum()), _minute(started.min()), _minute(ended.max()))


def _minute(moment: pd.Timestamp) -> str | None:
    return None if pd.isna(moment) else moment.strftime("%Y-%m-%d %H:%M")
