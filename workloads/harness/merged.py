"""What several instances of a launch answered, as one answer of the launch. Pure; standard library only.

Instances work at the same time, so that their speeds add up (workloads.vocabulary.slice). Memory, CPU time and threads
add up as well. A time that the launch had to wait for is its slowest instance's.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from workloads.vocabulary.model_facts import ModelFacts
from workloads.vocabulary.protocol import Answer, Finished, Ready, Sliced
from workloads.vocabulary.record import (
    Check,
    Measurement,
    Observed,
    Phases,
    Surroundings,
    Usage,
    Work,
)
from workloads.vocabulary.slice import Share, Slice, side_by_side, together, uncounted

T = TypeVar("T", int, float)


def merged(answers: Sequence[dict[str, Any]]) -> Answer:
    """The launch's answer, of answers of one kind. Raises KeyError, TypeError or ValueError where one is not whole."""
    if answers[0]["answer"] == "ready":
        return Ready(sum(Ready(**answer).peak_rss_bytes for answer in answers))
    if answers[0]["answer"] == "sliced":
        return _sliced([Sliced(**answer) for answer in answers])
    return Finished(asdict(measurement([measured(answer["measurement"]) for answer in answers])))


def _sliced(parts: Sequence[Sliced]) -> Sliced:
    calls = sum(part.calls for part in parts)
    wall_s = together([part.wall_s for part in parts], [part.calls for part in parts])
    return Sliced(
        calls=calls,
        wall_s=wall_s,
        typical_s=together([part.typical_s for part in parts], [1] * len(parts)) / len(parts),
        ramp_s=uncounted([(part.ramp_s, part.wall_s) for part in parts], wall_s),
        work=parts[0].work,
    )


def measured(document: dict[str, Any]) -> Measurement:
    """A measurement from its JSON."""
    return Measurement(
        **{
            **document,
            "work": Work(**document["work"]),
            "phases": Phases(**document["phases"]),
            "slices": [_slice(part) for part in document["slices"]],
            "check": Check(**document["check"]),
            "observed": Observed(**document["observed"]),
            "usage": Usage(**document["usage"]),
            "surroundings": Surroundings(**document["surroundings"]),
            "model": document["model"] and ModelFacts(**document["model"]),
        }
    )


def _slice(document: dict[str, Any]) -> Slice:
    return Slice(**{**document, "shares": [Share(**share) for share in document["shares"]]})


def measurement(parts: Sequence[Measurement]) -> Measurement:
    """One measurement of all instances."""
    first = parts[0]
    slices = [side_by_side(taken) for taken in zip(*(part.slices for part in parts), strict=True)]
    return Measurement(
        metric=first.metric,
        work=first.work,
        phases=Phases(**{name: max(getattr(part.phases, name) for part in parts) for name in vars(first.phases)}),
        calls_per_sample=first.calls_per_sample,
        warmup=first.warmup,
        slices=slices,
        held=first.held,
        check=max((part.check for part in parts), key=_fault),
        observed=_observed([part.observed for part in parts], slices),
        usage=Usage(**{name: _sum([getattr(part.usage, name) for part in parts]) for name in vars(first.usage)}),
        surroundings=first.surroundings,
        versions=first.versions,
        model=first.model,
        format=first.format,
    )


def _fault(check: Check) -> float:
    """How much a check says against the workload."""
    if not check.passed:
        return math.inf
    return check.error or 0.0


def _observed(parts: Sequence[Observed], slices: Sequence[Slice]) -> Observed:
    first, wall_s = parts[0], sum(taken.wall_s for taken in slices)
    return Observed(
        cpus=sorted({cpu for part in parts for cpu in part.cpus}),
        inter_threads=_total([part.inter_threads for part in parts]),
        intra_threads=_total([part.intra_threads for part in parts]),
        threads=sum(part.threads for part in parts),
        cpu_per_wall=round(sum(taken.cpu_s for taken in slices) / wall_s, 4) if wall_s else 0.0,
        onednn=first.onednn,
        devices=first.devices,
        traces=_total([part.traces for part in parts]),
        allocator=first.allocator,
        throttled_s=_largest([part.throttled_s for part in parts]),
    )


def _total(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _largest(values: Sequence[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _sum(values: Sequence[T]) -> T:
    return round(sum(values, start=type(values[0])(0)), 6)
