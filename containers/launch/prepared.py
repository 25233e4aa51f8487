"""All that decides a launch, before it happens."""

from dataclasses import dataclass

from containers.engine.environment import padded
from workloads.vocabulary.applied import apply
from workloads.vocabulary.plan import Cell, image_of
from workloads.vocabulary.record import Case, ImageIdentity, Setting, to_json

# The command lines of all settings have one length: a case is filled up with blanks.
_CASE_BYTES = 1024


@dataclass(frozen=True)
class Launch:
    """A launch as it is going to be."""

    setting: Setting
    image: ImageIdentity
    case: Case
    environment: dict[str, str]
    command: list[str]
    cpuset: str
    cpu_quota: int | None  # percent of one CPU
    container: bool  # False: by containers.launch.outside_container


def prepare(cell: Cell, setting: Setting, cpus: list[int], images: dict[str, ImageIdentity]) -> Launch:
    """Everything of a launch that can be known before it starts; `cpus` are those it may use."""
    applied = apply(cell.fixed | setting.resolved)
    params = cell.params | applied.params
    case = Case(
        cell.module, params, applied.intra_op, applied.inter_op, cell.timing, cell.seed, co_runners=applied.co_runners
    )
    words = ["python3", "-m", "workloads.harness.supervisor", to_json(case).ljust(_CASE_BYTES)]
    given = cpus if applied.cpus is None else cpus[: applied.cpus]
    return Launch(
        setting=setting,
        image=images[image_of(cell, setting)],
        case=case,
        environment=padded(applied.environment, words),
        command=words,
        cpuset=",".join(str(cpu) for cpu in given),
        cpu_quota=applied.cpu_quota,
        container=applied.container,
    )
