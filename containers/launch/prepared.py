"""All that decides a launch, before it happens."""

from dataclasses import dataclass

from containers.engine.container import PERIOD_US
from containers.engine.environment import padded
from workloads.vocabulary.applied import apply
from workloads.vocabulary.plan import Cell, image_of
from workloads.vocabulary.record import Case, ImageIdentity, Setting, to_json

# Under a CPU quota, a launch that waited begins a period of the kernel with all of its quota. Two periods later it has
# what it has in the long run.
RAMP_UNDER_QUOTA_S = 2 * PERIOD_US * 1e-6

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
        workload=cell.module,
        params=params,
        intra_op=applied.intra_op,
        inter_op=applied.inter_op,
        timing=cell.timing,
        seed=cell.seed,
        ramp_s=0.0 if applied.cpu_quota is None else RAMP_UNDER_QUOTA_S,
        co_runners=applied.co_runners,
        instances=applied.instances,
        concurrency=applied.concurrency,
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
