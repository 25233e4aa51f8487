"""A resolved setting, sorted by who applies each of its values."""

from dataclasses import dataclass

from workloads.vocabulary.knobs import ALLOCATORS, is_parameter, variable
from workloads.vocabulary.record import KnobValue


@dataclass(frozen=True)
class Applied:
    """A resolved setting, sorted by who applies it."""

    container: bool  # False: the image's files run on the host itself
    cpus: int | None  # None: every CPU that the runner may use
    cpu_quota: int | None  # percent of one CPU; None: no quota
    intra_op: int | None
    inter_op: int | None
    co_runners: int
    instances: int
    concurrency: int
    environment: dict[str, str]
    params: dict[str, KnobValue]  # parameters of the workload


def apply(resolved: dict[str, KnobValue]) -> Applied:
    """Sort a resolved setting's values by who applies them; a knob that is not named is left alone.

    A name that is neither in the catalogue nor an environment variable is a parameter of the workload.
    """
    given = {name: value for name, value in resolved.items() if value is not None}
    environment = {name: str(value) for knob, value in given.items() if (name := variable(knob)) is not None}
    if "allocator" in given:
        environment["LD_PRELOAD"] = ALLOCATORS[str(given["allocator"])]
    return Applied(
        container=bool(given.get("container", True)),
        cpus=_number(given.get("cpus")),
        cpu_quota=_number(given.get("cpu_quota")),
        intra_op=_number(given.get("intra_op")),
        inter_op=_number(given.get("inter_op")),
        co_runners=_number(given.get("co_runners")) or 0,
        instances=_number(given.get("instances")) or 1,
        concurrency=_number(given.get("concurrency")) or 1,
        environment=environment,
        params={name: value for name, value in given.items() if is_parameter(name)},
    )


def _number(value: KnobValue) -> int | None:
    return None if value is None else int(value)
