"""Which slices of a launch say what it took, and what they come to."""

import math

from workloads.vocabulary.record import Measurement, Record, Slice


def timed_slices(record: Record) -> list[Slice]:
    """The slices of kept cycles, or all of a launch that is set aside."""
    if record.is_set_aside and record.measurement is not None:
        return record.measurement.slices
    return record.kept_slices


def timed_samples(record: Record) -> list[float]:
    """Seconds a call in these slices, in order."""
    return [sample for taken in timed_slices(record) for sample in taken.samples]


def sound(record: Record) -> bool:
    """Whether all times of a launch are positive numbers, and there are some; a clock that jumped gives others."""
    if record.measurement is None:
        return False
    slices = timed_slices(record)
    if not slices or not all(taken.samples for taken in slices):
        return False
    times = [*record.measurement.warmup, *timed_samples(record), *(taken.wall_s for taken in slices)]
    return all(math.isfinite(time) and time > 0 for time in times)


def idle_cpus(measurement: Measurement) -> float | None:
    """How many CPUs a launch kept busy while it waited for its turns; None: could not be seen."""
    seen = [taken for taken in measurement.slices if taken.idle_cpu_s is not None]
    waited_s = sum(taken.idle_s for taken in seen)
    return sum(taken.idle_cpu_s or 0.0 for taken in seen) / waited_s if waited_s > 0 else None
