"""Finds what a claim's test looks at in a machine's folder: cells, settings, paired log-ratios, facts of an audit."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from analysis.comparisons.metrics import METRICS, Metric, first_metric
from analysis.comparisons.pairs import Evidence, NotTestableError, Pairs, pairs_of
from analysis.records.folder import read_audits, read_plan
from analysis.records.written import Written, filled, label, preset_of
from analysis.tables.tables import read_launches
from workloads.vocabulary.inventory import AuditFact
from workloads.vocabulary.metrics import MetricName
from workloads.vocabulary.plan import Cell, HoleKind
from workloads.vocabulary.record import Setting
from workloads.vocabulary.validation import Strict


class Place(Strict):
    """A workload of a sweep."""

    sweep: str
    workload: str
    metric: MetricName | None = Field(None, description="what is compared; what the sweep names first if not given")


class Contrast(Place):
    """Two settings of a workload, compared within each round."""

    setting: Written
    against: Written


def read_evidence(root: Path) -> Evidence:
    """All that claims need of the machine's folder `root`. Raises AnalysisError."""
    return Evidence(read_plan(root), read_launches(root), read_audits(root))


def fact(evidence: Evidence, image: str, name: str) -> AuditFact:
    """What the probes of an image say of a fact. Raises NotTestableError."""
    if image not in evidence.audits:
        raise NotTestableError(f"no audit of image {image}")
    for fact in evidence.audits[image].facts:
        if fact.id == name:
            return fact
    raise NotTestableError(f"the audit of image {image} has no fact {name}")


def cell_of(evidence: Evidence, sweep: str, workload: str) -> Cell:
    """The cell of a workload in a sweep. Raises NotTestableError."""
    cells = [cell for cell in evidence.plan.cells if cell.sweep == sweep]
    if not cells:
        reasons = evidence.plan.missing(HoleKind.SWEEP, [sweep])
        raise NotTestableError(f"sweep {sweep}: {reasons[0]}" if reasons else f"the config has no sweep {sweep}")
    for cell in cells:
        if cell.workload == workload:
            return cell
    raise NotTestableError(f"the config's sweep {sweep} does not measure {workload}")


def setting_of(cell: Cell, wanted: Written) -> Setting:
    """The cell's setting that is written so, or that is its preset of a name. Raises NotTestableError."""
    if (preset := preset_of(wanted)) is not None:
        for setting in cell.settings:
            if setting.id == cell.presets.get(preset):
                return setting
        raise NotTestableError(f"sweep {cell.sweep} has no preset {preset}")
    for setting in cell.settings:
        if filled(setting.written, []) == filled(wanted, list(setting.written)):
            return setting
    raise NotTestableError(f"sweep {cell.sweep} has no setting {label(wanted)} of its own here")


def metric_of(cell: Cell, place: Place) -> Metric:
    """What a test compares."""
    return first_metric(cell) if place.metric is None else METRICS[place.metric]


def pairs(evidence: Evidence, contrast: Contrast) -> Pairs:
    """A contrast's paired log-ratios. Raises NotTestableError; AnalysisError if two launches count as one."""
    cell = cell_of(evidence, contrast.sweep, contrast.workload)
    setting, against = setting_of(cell, contrast.setting), setting_of(cell, contrast.against)
    if setting.id == against.id:
        both = f"{label(contrast.setting)} and {label(contrast.against)}"
        raise NotTestableError(f"on this machine {both} are the same setting, {setting.label}")
    return pairs_of(evidence, cell, setting, against, metric_of(cell, contrast))
