"""Which slices of a launch say what it took, and what they come to."""

import math
from itertools import chain

from analysis.tables.callers import in_time
from workloads.vocabulary.record import Measurement, Record
from workloads.vocabulary.slice import Slice


def timed_slices(record: Record) -> list[Slice]:
    """The slices of kept cycles, or all of a launch that is set aside."""
    if record.is_set_aside and record.measurement is not None:
        return record.measurement.slices
    return record.kept_slices


def timed_samples(record: Record) -> list[float]:
    """Seconds a call in these slices, in order."""
    return _samples(timed_slices(record))


def sound_samples(record: Record) -> list[float]:
    """The same if all times of the launch are positive numbers; none otherwise. A clock that jumped gives others."""
    slices = timed_slices(record)
    if record.measurement is None or not slices or not all(taken.samples for taken in slices):
        return []
    samples = _samples(slices)
    times = [*record.measurement.warmup, *samples, *(taken.wall_s for taken in slices)]
    # A sum is finite only if all of its parts are, and the least of numbers that are tells of all.
    return samples if math.isfinite(sum(times)) and min(times) > 0 else []


def _samples(slices: list[Slice]) -> list[float]:
    return list(chain.from_iterable(in_time(taken) for taken in slices))


def idle_cpus(measurement: Measurement) -> float | None:
    """How many CPUs a launch kept busy while it waited for its turns; None: could not be seen."""
    seen = [taken for taken in measurement.slices if taken.idle_cpu_s is not None]
    waited_s = sum(taken.idle_s for taken in seen)
    return sum(taken.idle_cpu_s or 0.0 for taken in seen) / waited_s if waited_s > 0 else None
