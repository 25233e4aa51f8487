"""The config that `make tune` writes: which settings of a model are searched, and for how long. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from containers.plan.strategy import FEWEST_SETTINGS
from workloads.vocabulary.errors import ConfigError

# Seconds beside the rounds: reading the image, the audit of the config's knobs, tables, figures and report.
BESIDE_S = 60.0

# What the trial takes, in times that the model takes to start.
_TRIAL_STARTS = 2

# What a block of a race costs before its turns should leave most of the time to them.
_STARTS_SHARE = 0.4

_SECONDS_PER_MINUTE = 60.0

# The fewest that say what choosing the best of several settings gains.
_ROUNDS_WITHIN_BOUNDS = 3

# With fewer minutes, nothing is left for a race and the rounds that confirm what it found.
FEWEST_MINUTES = 2.0


class Goal(StrEnum):
    """What the setting is to be best at."""

    LATENCY = "latency"
    THROUGHPUT = "throughput"


@dataclass(frozen=True)
class Wanted:
    """What whoever tunes a model asks for."""

    model: str
    goal: Goal
    batch: int = 1
    inputs: str | None = None
    minutes: float = 5.0
    memory: str | None = None  # the limit of a launch, as in the config
    reduced_precision: bool = False  # whether a setting may change the outputs beyond rounding
    signature: str | None = None  # of a SavedModel, or `inputs -> outputs` of a frozen graph
    p99_ms: float | None = None  # no setting is recommended whose calls take longer at that percentile
    call: str | None = None  # what of a Keras model is called, as the config's `call`


def without_search(wanted: Wanted) -> dict[str, Any]:
    """The config of one launch in the defaults: whether the model runs at all."""
    return _config(wanted, {"question": "Does the model run?", "grid": {"intra_op": ["default"]}}, rounds=1)


def searching(wanted: Wanted, start_s: float, cpus: int) -> dict[str, Any]:
    """The config that searches with a model that takes `start_s` seconds to start.

    Raises ConfigError if the time is too short for any search.
    """
    left_s = wanted.minutes * _SECONDS_PER_MINUTE - _TRIAL_STARTS * start_s - BESIDE_S
    each_s = start_s / cpus / _STARTS_SHARE * (1 if wanted.p99_ms is None else _ROUNDS_WITHIN_BOUNDS)
    settings = candidates(wanted, cpus)[: max(0, int(left_s / each_s))]
    if len(settings) < FEWEST_SETTINGS:
        needed_s = FEWEST_SETTINGS * each_s + _TRIAL_STARTS * start_s + BESIDE_S
        raise ConfigError(
            f"{wanted.minutes:g} minutes are too few for a model that takes {start_s:.0f} s to start",
            f"give it more, as in MINUTES={math.ceil(needed_s / _SECONDS_PER_MINUTE)}",
        )
    sweep = {
        "question": f"Which setting gives this model the best {wanted.goal}?",
        "settings": settings,
        "metrics": [wanted.goal.value],
    }
    if wanted.p99_ms is not None:
        # A search drops what is slow, and the fastest need not hold a bound: every setting is measured to the end.
        return _config(wanted, {**sweep, "bounds": {"p99_ms": wanted.p99_ms}}, rounds=_ROUNDS_WITHIN_BOUNDS)
    return _config(
        wanted, {**sweep, "strategy": "search", "minutes": round(left_s / _SECONDS_PER_MINUTE, 2)}, rounds=30
    )


def candidates(wanted: Wanted, cpus: int) -> list[dict[str, Any]]:
    """The settings that are tried, the defaults first; where time is short, the last ones are left out.

    Pools come before oneDNN's operations, and these before allocators. What means the same on a machine, planning
    measures once.
    """
    sizes = [1, "cores"] if cpus < 4 else [1, "cores/2", "cores"]
    pools = [{"intra_op": intra, "inter_op": inter} for intra in sizes for inter in (1, "cores")]
    kinds: list[dict[str, Any]] = [
        {},
        *pools,
        *({"TF_ENABLE_ONEDNN_OPTS": 0} | pool for pool in ({}, *pools)),
        {"allocator": "tcmalloc"},
        {"allocator": "jemalloc"},
        *({"allocator": "tcmalloc"} | pool for pool in pools),
    ]
    if wanted.reduced_precision:
        kinds[1:1] = [{"ONEDNN_DEFAULT_FPMATH_MODE": "BF16"}]
    if wanted.goal is Goal.THROUGHPUT and cpus > 1:
        # Several processes gain more than any pool does, where a model does not fill all CPUs.
        parts: list[int | str] = ["cores"] if cpus < 4 else ["cores", "cores/2", 2]
        several: list[dict[str, Any]] = [{"instances": part} for part in parts]
        further: list[dict[str, Any]] = [{"TF_ENABLE_ONEDNN_OPTS": 0}, {"allocator": "tcmalloc"}]
        kinds[1:1] = [*several, *(values | other for other in further for values in several)]
    return kinds


def _config(wanted: Wanted, sweep: dict[str, Any], *, rounds: int) -> dict[str, Any]:
    params: dict[str, Any] = {"batch": wanted.batch}
    if wanted.call is not None:
        params["call"] = wanted.call
    entry: dict[str, Any] = {"model": wanted.model, "params": params}
    entry |= {name: given for name in ("inputs", "signature") if (given := getattr(wanted, name)) is not None}
    limits = {} if wanted.memory is None else {"limits": {"memory": wanted.memory}}
    return {
        "rounds": rounds,
        "timing": {"warmup_s": 0.3, "slice_s": 0.1, "cycles": 12},
        **limits,
        "audit": "config",
        "peaks": False,
        "workloads": {"model": entry},
        "sweeps": {"tune": {"workloads": ["model"], "baseline": {}, **sweep}},
    }
