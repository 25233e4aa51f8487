"""Writes report.md: what was measured, what it shows, how far to trust it, how to do it again.

python -m analysis.report.render --results results/MACHINE
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import jinja2

from analysis import wording
from analysis.claims.verdict import CLAIMS
from analysis.comparisons.comparison import COMPARISONS, Comparison, of_first_metric
from analysis.comparisons.latency import LATENCIES, Latency
from analysis.comparisons.metrics import METRICS
from analysis.comparisons.verdict import Verdict
from analysis.figures import registry
from analysis.margin import MARGIN
from analysis.recommendations.recommended import RECOMMENDATIONS
from analysis.records.folder import read_audits, read_machine, read_plan, read_receipts
from analysis.report import adaptive_rounds as further
from analysis.report import cost, findings, pages, soundness, subject, trust
from analysis.tables.tables import read_launches, read_plain
from workloads.vocabulary import amounts
from workloads.vocabulary.command_line import stage
from workloads.vocabulary.documents import write_text
from workloads.vocabulary.metrics import MetricName
from workloads.vocabulary.plan import Cell, Plan
from workloads.vocabulary.record import written

# Outputs in float32 come out 1e-7 to 1e-5 from their reference, in BF16 2e-3 and more.
_REDUCED = 1e-3


@dataclass(frozen=True)
class FurtherMetric:
    """What a sweep's settings are compared by beside its first metric."""

    title: str
    comparisons: list[Comparison]
    finding: str


@dataclass(frozen=True)
class Sweep:
    """A section of the report."""

    name: str
    question: str
    cells: list[Cell]
    baselines: list[str]  # labels
    fixed: list[str]  # knobs that all its launches share, as knob=value
    comparisons: list[Comparison]  # by its first metric
    finding: str
    further: list[FurtherMetric]
    figures: list[registry.PlannedFigure]  # the speed-ups first, the launches in run order last
    shows_errors: bool  # whether some setting computes with reduced precision

    @property
    def verdicts(self) -> list[int]:
        """How many comparisons are better, worse, equivalent, not resolved, and none of these."""
        found = [one.verdict for one in self.comparisons]
        better, worse = sum(one.is_better for one in found), sum(one.is_worse for one in found)
        equivalent, unresolved = found.count(Verdict.EQUIVALENT), found.count(Verdict.UNRESOLVED)
        return [better, worse, equivalent, unresolved, sum(not one.is_tested for one in found)]

    @property
    def headings(self) -> tuple[str, str]:
        """Over the values of the first metric, and over their ratios."""
        speeds = (MetricName.THROUGHPUT, MetricName.LATENCY)
        return ("Time", "Speed-up") if all(one.metric in speeds for one in self.comparisons) else ("Value", "Ratio")


def sweeps(plan: Plan, comparisons: list[Comparison], controls: Collection[tuple[str, str]]) -> list[Sweep]:
    """The plan's sweeps, each with what belongs to it; for `controls` see analysis.report.findings."""
    found = []
    for name in dict.fromkeys(cell.sweep for cell in plan.cells):
        cells = [cell for cell in plan.cells if cell.sweep == name]
        every = [one for one in comparisons if one.sweep == name]
        ours = of_first_metric(every)
        baselines = [setting.label for cell in cells for setting in cell.settings if setting.id == cell.baseline]
        found.append(
            Sweep(
                name,
                question=cells[0].question,
                cells=cells,
                baselines=list(dict.fromkeys(baselines)),
                fixed=list(dict.fromkeys(f"{knob}={value}" for cell in cells for knob, value in cell.fixed.items())),
                comparisons=ours,
                finding=findings.sweep_finding(ours, controls),
                further=_further_metrics(every, controls),
                figures=registry.figures_of_sweep(plan, name),
                shows_errors=any(max(one.error or 0, one.baseline_error or 0) > _REDUCED for one in ours),
            )
        )
    return found


def _further_metrics(comparisons: list[Comparison], controls: Collection[tuple[str, str]]) -> list[FurtherMetric]:
    by_metric: dict[MetricName, list[Comparison]] = {}
    for comparison in comparisons:
        if not comparison.is_first_metric:
            by_metric.setdefault(comparison.metric, []).append(comparison)
    return [
        FurtherMetric(METRICS[metric].title, found, findings.sweep_finding(found, controls))
        for metric, found in by_metric.items()
    ]


def render(root: Path) -> str:
    """The report of the machine's folder `root`, from its documents and tables. Raises AnalysisError."""
    plan, launches, every = read_plan(root), read_launches(root), COMPARISONS.read(root)
    comparisons = of_first_metric(every)
    audits, machine = read_audits(root), read_machine(root)
    controls = trust.negative_controls(plan, list(audits.values()))
    return (
        _environment()
        .get_template("report.md.j2")
        .render(
            plan=plan,
            margin=MARGIN,
            machine=machine,
            machine_rows=subject.machine_rows(machine),
            subjects=subject.subjects(plan, launches),
            receipts=read_receipts(root),
            tensorflow=subject.tensorflow_versions(launches),
            measured=subject.counts(plan, launches),
            recommended=RECOMMENDATIONS.read(root),
            sweeps=sweeps(plan, every, controls),
            disagreeing=findings.means_disagree(comparisons),
            roofline=registry.ROOFLINE if registry.ROOFLINE.when(plan, plan.cells) else None,
            canary=registry.CANARY,
            threads=soundness.threads(launches),
            checks=soundness.output_checks(launches),
            retraced=soundness.retraced(launches),
            failures=(failures := soundness.failures(launches)),
            last_words=soundness.last_words(root, failures),
            absent=soundness.absent_rounds(plan, launches),
            cost=cost.cost(launches),
            further=further.further(plan),
            rows=lambda name: read_plain(root, name),
            latencies=[list(rows) for _, rows in groupby(LATENCIES.read(root), _setting)],
            steadiness=trust.steadiness(launches, comparisons),
            unknown=amounts.UNKNOWN,
            claims=CLAIMS.read(root),
            audits=audits,
            controls=controls,
            quiet=trust.quiet(launches),
            placebo=trust.placebo(plan, comparisons),
            exists=lambda file: soundness.exists(root, file),
        )
    )


def _setting(row: Latency) -> tuple[str, ...]:
    return row.sweep, row.workload, row.definition, row.setting


def _environment() -> jinja2.Environment:
    environment = pages.environment()
    environment.filters |= {
        "difference": wording.difference,
        "error": wording.error,
        "call_time": wording.call_time,
        "duration": amounts.duration,
        "size": amounts.size,
        "written": written,
        "value": lambda value, metric: METRICS[metric].reads(value),
    }
    environment.globals |= {"share": wording.share, "shown": _shown}
    return environment


def _shown(figure: registry.Figure | registry.PlannedFigure) -> str:
    return f"![{figure.caption}](figures/{figure.stem}.svg)"


def write(root: Path) -> None:
    """Make report.md of the machine's folder `root`. Raises AnalysisError."""
    write_text(root / "report.md", render(root))


main = stage(write)


if __name__ == "__main__":
    raise SystemExit(main())
