"""What other tools' files are made from: one series for each workload and setting, one record for each launch.

Only launches that count are in a series: ended well, not set aside, with times that are positive numbers. Names hold
settings as the config writes them, so that two machines' files name the same thing alike.
"""

from dataclasses import dataclass
from pathlib import Path

from analysis.plausibility import check as plausibility
from analysis.records.folder import read_machine, read_plan, read_records
from analysis.records.written import key_of, written_key, written_label
from analysis.tables.timed_slices import sound_samples
from workloads.vocabulary.errors import AnalysisError
from workloads.vocabulary.inventory import Machine
from workloads.vocabulary.plan import Cell, Plan
from workloads.vocabulary.record import Measurement, Record, Setting, Status

BASELINE = "baseline"


@dataclass(frozen=True)
class Launch:
    """A launch that counts."""

    record: Record
    measurement: Measurement


@dataclass(frozen=True)
class Series:
    """A workload in one setting."""

    name: str
    cell: Cell
    setting: Setting
    launches: list[Launch]  # in the rounds' order, at least one


def read_series(root: Path, setting: str | None) -> tuple[Machine, list[Series]]:
    """The machine and the series of its folder, in the plan's order.

    `setting` None: every setting, named "SWEEP/WORKLOAD SETTING". Else only the setting written so ("baseline": each
    cell's own), named "SWEEP/WORKLOAD": two files of two settings then name the same thing alike.
    Raises AnalysisError if that leaves nothing.
    """
    plan = read_plan(root)
    wanted = {(cell.definition, each.id) for cell in plan.cells for each in cell.settings if _is(each, cell, setting)}
    if not wanted:
        raise AnalysisError(
            f"{root}: no setting is written {setting!r}", f"write it as the report does, or `{BASELINE}`"
        )
    launches: dict[tuple[str, str], list[Launch]] = {}
    wrong = plausibility.examine(root).reasons
    for line in read_records(root, plan):
        record, measurement = line.record, line.record.measurement
        if (line.file, line.number) in wrong or record.status is not Status.OK or record.is_set_aside:
            continue
        if measurement is not None and sound_samples(record):
            launches.setdefault((record.definition, record.setting.id), []).append(Launch(record, measurement))
    all_series = [
        _series(cell, each, setting, launches.get((cell.definition, each.id), [])) for cell, each in _all(plan)
    ]
    kept = [
        series for series in all_series if series.launches and (series.cell.definition, series.setting.id) in wanted
    ]
    if not kept:
        raise AnalysisError(f"{root}: no launch of these settings counts", "measure first, or name another --results")
    return read_machine(root), kept


def _all(plan: Plan) -> list[tuple[Cell, Setting]]:
    return [(cell, setting) for cell in plan.cells for setting in cell.settings]


def _series(cell: Cell, tested: Setting, setting: str | None, launches: list[Launch]) -> Series:
    place = f"{cell.sweep}/{cell.workload}"
    name = place if setting is not None else f"{place} {written_label(tested)}"
    return Series(name, cell, tested, launches)


def _is(tested: Setting, cell: Cell, setting: str | None) -> bool:
    if setting is None:
        return True
    if setting == BASELINE:
        return tested.id == cell.baseline
    texts = dict(word.partition("=")[::2] for word in setting.split())
    return key_of(texts) == written_key(tested)
