"""A record against itself: its times, its CPU time, its check. Each invariant is a function with a sentence."""

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise

from workloads.vocabulary.record import Measurement, Record, Status

# What clocks, roundings and the calls' own loop may come to, as a share and in seconds.
_SHARE, _SECONDS = 0.02, 0.05


def _about(one: float, other: float) -> bool:
    return abs(one - other) <= _SECONDS + _SHARE * max(one, other)


def _at_most(one: float, other: float) -> bool:
    return one <= other * (1 + _SHARE) + _SECONDS


def is_dated(record: Record) -> bool:
    """it began at no time"""
    try:
        return datetime.fromisoformat(record.started_at).tzinfo is not None and record.wall_s >= record.engine_s >= 0
    except ValueError:
        return False


def is_within_its_limit(record: Record) -> bool:
    """its status says nothing of a time limit that its timed section is beyond"""
    found = record.measurement
    return found is None or found.phases.timing_s <= record.limits.timeout_s or record.status is Status.TIMEOUT


def has_times(record: Record) -> bool:
    """a time of it is no positive number"""
    found = record.measurement
    if found is None:
        return True
    times = [*found.warmup, *(sample for one in found.slices for sample in one.samples)]
    spans = [span for one in found.slices for span in (one.ramp_s, one.idle_s, one.cpu_s)]
    return min(times, default=1.0) > 0 and min([*spans, *vars(found.phases).values()]) >= 0


def has_its_cycles(record: Record) -> bool:
    """slices, places and verdicts on cycles are not of one number"""
    turns, found = record.turns, record.measurement
    return len(turns.places) == len(turns.kept) and (found is None or len(found.slices) in (0, len(turns.kept)))


def samples_fit_slices(record: Record) -> bool:
    """calls and samples of a slice do not come to its time"""
    found = record.measurement
    return found is None or all(
        -0.001 - 0.01 * one.wall_s
        <= one.wall_s - sum(one.samples) * found.calls_per_sample
        <= 0.005 + 0.03 * one.wall_s
        for one in found.slices
        if not one.shares
    )


def slices_fit_timing(record: Record) -> bool:
    """its slices do not come to its timed section"""
    found = record.measurement
    if found is None or any(one.shares for one in found.slices):
        return True
    return _about(sum(one.wall_s + one.ramp_s for one in found.slices), found.phases.timing_s)


def slices_follow(record: Record) -> bool:
    """its slices overlap in time"""
    slices = record.measurement.slices if record.measurement else []
    return all(one.started_s + one.wall_s <= other.started_s + 0.001 for one, other in pairwise(slices))


def phases_fit_wall(record: Record) -> bool:
    """its phases take longer than the whole launch"""
    found = record.measurement
    return found is None or record.case.instances > 1 or _at_most(sum(vars(found.phases).values()), record.wall_s)


def cpu_fits_cpus(record: Record) -> bool:
    """it used more CPU time than its CPUs have"""
    found, cpus = record.measurement, len(record.cpuset.split(","))
    return found is None or (
        _at_most(found.usage.cpu_s, cpus * found.phases.timing_s)
        and all(_at_most(one.cpu_s, cpus * one.wall_s) for one in found.slices)
    )


def cpu_fits_slices(record: Record) -> bool:
    """CPU time of its slices and of its timed section differ"""
    found = record.measurement
    return found is None or _at_most(sum(one.cpu_s for one in found.slices), found.usage.cpu_s)


def parallelism_fits(record: Record) -> bool:
    """its effective parallelism is not CPU time over wall time"""
    found = record.measurement
    return found is None or not found.slices or _parallel(found)


def _parallel(found: Measurement) -> bool:
    wall_s = sum(one.wall_s for one in found.slices)
    return abs(found.observed.cpu_per_wall * wall_s - sum(one.cpu_s for one in found.slices)) <= 0.05 * wall_s + 0.01


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
