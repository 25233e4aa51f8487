"""A record against the plan, the receipt of its image and the machine. Each invariant is a function with a sentence."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

from analysis.records.folder import Line
from workloads.vocabulary.applied import Applied
from workloads.vocabulary.inventory import Machine, Receipt
from workloads.vocabulary.plan import Cell, image_of
from workloads.vocabulary.record import Record, Setting, identity


@dataclass(frozen=True)
class Planned:
    """A record, and what it was to be."""

    line: Line
    cell: Cell
    setting: Setting  # of the plan, with the record's id
    applied: Applied  # the setting's values and the cell's own, by who applies them
    machine: Machine
    receipts: dict[str, Receipt]  # by image name
    plans: frozenset[str] = frozenset()  # checksums of those that launches were made by

    @property
    def record(self) -> Record:
        """The record."""
        return self.line.record


def is_numbered(planned: Planned) -> bool:
    """its id is not made of its sweep, workload, definition, round and position"""
    record = planned.record
    return record.id == f"{record.sweep}/{record.workload}@{record.definition}/{record.round}/{record.position}"


def is_of_a_registered_plan(planned: Planned) -> bool:
    """no plan that was on file before its launch has the checksum of its own"""
    return planned.record.plan is None or planned.record.plan in planned.plans


def is_in_its_line(planned: Planned) -> bool:
    """its position in the round is not its line"""
    return planned.record.position == planned.line.number


def is_seeded(planned: Planned) -> bool:
    """its order does not come from the plan's seed"""
    cell, record = planned.cell, planned.record
    return record.order_seed == f"{cell.seed}/{cell.directory}/{record.round}"


def has_its_setting(planned: Planned) -> bool:
    """its setting is not the plan's of that id"""
    setting = planned.record.setting
    return setting == planned.setting and setting.id == identity(setting.resolved)


def has_its_case(planned: Planned) -> bool:
    """workload, parameters, pools, timing or seed are not as planned"""
    case, cell, applied = planned.record.case, planned.cell, planned.applied
    return (
        (case.workload, case.params, case.timing, case.seed)
        == (cell.module, cell.params | applied.params, cell.timing, cell.seed)
    ) and (case.intra_op, case.inter_op, case.co_runners, case.instances, case.concurrency) == (
        applied.intra_op,
        applied.inter_op,
        applied.co_runners,
        applied.instances,
        applied.concurrency,
    )


def has_its_command(planned: Planned) -> bool:
    """its command asks for another case"""
    asked = json.loads(planned.record.command[-1])
    return bool(asked.get("format") != planned.record.format or asked == asdict(planned.record.case))


def has_its_environment(planned: Planned) -> bool:
    """its environment lacks what the setting sets"""
    return planned.applied.environment.items() <= planned.record.environment.items()


def has_its_limits(planned: Planned) -> bool:
    """limits, quota or model are not as planned"""
    record, cell, applied = planned.record, planned.cell, planned.applied
    content = None if cell.model is None else cell.model.content
    limits = cell.limits.of_instances(applied.instances)
    return (record.limits, record.cpu_quota, record.model) == (limits, applied.cpu_quota, content)


def has_its_image(planned: Planned) -> bool:
    """its image is not the one of the receipt"""
    receipt = planned.receipts.get(image_of(planned.cell, planned.setting))
    return receipt is not None and planned.record.image == receipt.image


def has_its_cpus(planned: Planned) -> bool:
    """its CPUs are not those that the setting asks for"""
    given = sorted(planned.machine.cpus)[: planned.applied.cpus]
    return planned.record.cpuset == ",".join(str(cpu) for cpu in given)


def saw_its_cpus(planned: Planned) -> bool:
    """it saw other CPUs than it was given"""
    record = planned.record
    return record.measurement is None or set(record.measurement.observed.cpus) <= {
        int(cpu) for cpu in record.cpuset.split(",")
    }


INVARIANTS: tuple[Callable[[Planned], bool], ...] = (
    is_numbered,
    is_of_a_registered_plan,
    is_in_its_line,
    is_seeded,
    has_its_setting,
    has_its_case,
    has_its_command,
    has_its_environment,
    has_its_limits,
    has_its_image,
    has_its_cpus,
    saw_its_cpus,
)
