"""A record against itself: its times, its CPU time, its check. Each invariant is a function with a sentence."""

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise

from workloads.vocabulary.record import Measurement, Record, Status

# What clocks, roundings and the calls' own loop may come to, as a share and in seconds.
_SHARE, _SECONDS = 0.02, 0.05


def _about(value: float, other: float) -> bool:
    return abs(value - other) <= _SECONDS + _SHARE * max(value, other)


def _at_most(value: float, other: float) -> bool:
    return value <= other * (1 + _SHARE) + _SECONDS


def is_dated(record: Record) -> bool:
    """it began at no time"""
    try:
        return datetime.fromisoformat(record.started_at).tzinfo is not None and record.wall_s >= record.engine_s >= 0
    except ValueError:
        return False


def is_within_its_limit(record: Record) -> bool:
    """its status says nothing of a time limit that its timed section is beyond"""
    measurement = record.measurement
    return (
        measurement is None or measurement.phases.timing_s <= record.limits.timeout_s or record.status is Status.TIMEOUT
    )


def has_times(record: Record) -> bool:
    """a time of it is no positive number"""
    measurement = record.measurement
    if measurement is None:
        return True
    times = [*measurement.warmup, *(sample for slice_ in measurement.slices for sample in slice_.samples)]
    spans = [span for slice_ in measurement.slices for span in (slice_.ramp_s, slice_.idle_s, slice_.cpu_s)]
    return min(times, default=1.0) > 0 and min([*spans, *vars(measurement.phases).values()]) >= 0


def has_its_cycles(record: Record) -> bool:
    """slices, places and verdicts on cycles are not of one number"""
    turns, measurement = record.turns, record.measurement
    return len(turns.places) == len(turns.kept) and (
        measurement is None or len(measurement.slices) in (0, len(turns.kept))
    )


def samples_fit_slices(record: Record) -> bool:
    """calls and samples of a slice do not come to its time"""
    measurement = record.measurement
    return measurement is None or all(
        -0.001 - 0.01 * slice_.wall_s
        <= slice_.wall_s - sum(slice_.samples) * measurement.calls_per_sample
        <= 0.005 + 0.03 * slice_.wall_s
        for slice_ in measurement.slices
        if not slice_.shares
    )


def slices_fit_timing(record: Record) -> bool:
    """its slices do not come to its timed section"""
    measurement = record.measurement
    if measurement is None or any(slice_.shares for slice_ in measurement.slices):
        return True
    return _about(sum(slice_.wall_s + slice_.ramp_s for slice_ in measurement.slices), measurement.phases.timing_s)


def slices_follow(record: Record) -> bool:
    """its slices overlap in time"""
    slices = record.measurement.slices if record.measurement else []
    return all(slice_.started_s + slice_.wall_s <= other.started_s + 0.001 for slice_, other in pairwise(slices))


def phases_fit_wall(record: Record) -> bool:
    """its phases take longer than the whole launch"""
    measurement = record.measurement
    return (
        measurement is None
        or record.case.instances > 1
        or _at_most(sum(vars(measurement.phases).values()), record.wall_s)
    )


def cpu_fits_cpus(record: Record) -> bool:
    """it used more CPU time than its CPUs have"""
    measurement, cpus = record.measurement, len(record.cpuset.split(","))
    return measurement is None or (
        _at_most(measurement.usage.cpu_s, cpus * measurement.phases.timing_s)
        and all(_at_most(slice_.cpu_s, cpus * slice_.wall_s) for slice_ in measurement.slices)
    )


def cpu_fits_slices(record: Record) -> bool:
    """CPU time of its slices and of its timed section differ"""
    measurement = record.measurement
    return measurement is None or _at_most(sum(slice_.cpu_s for slice_ in measurement.slices), measurement.usage.cpu_s)


def parallelism_fits(record: Record) -> bool:
    """its effective parallelism is not CPU time over wall time"""
    measurement = record.measurement
    return measurement is None or not measurement.slices or _parallel(measurement)


def _parallel(measurement: Measurement) -> bool:
    wall_s = sum(slice_.wall_s for slice_ in measurement.slices)
    return (
        abs(measurement.observed.cpu_per_wall * wall_s - sum(slice_.cpu_s for slice_ in measurement.slices))
        <= 0.05 * wall_s + 0.01
    )


def check_is_fair(record: Record) -> bool:
    """its check passed with an error beyond the tolerance, or failed within it"""
    check = record.measurement.check if record.measurement else None
    return check is None or check.passed == (check.error is not None and 0 <= check.error <= check.tolerance)


def status_fits_check(record: Record) -> bool:
    """its status is not what its check says"""
    check = record.measurement.check if record.measurement else None
    return check is None or (
        not (record.status is Status.OK and not check.passed)
        and not (record.status is Status.WRONG_OUTPUT and check.passed)
    )


INVARIANTS: tuple[Callable[[Record], bool], ...] = (
    is_dated,
    is_within_its_limit,
    has_times,
    has_its_cycles,
    samples_fit_slices,
    slices_fit_timing,
    slices_follow,
    phases_fit_wall,
    cpu_fits_cpus,
    cpu_fits_slices,
    parallelism_fits,
    check_is_fair,
    status_fits_check,
)
