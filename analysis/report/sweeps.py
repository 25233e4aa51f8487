"""What the report says of each sweep."""

from collections.abc import Collection
from dataclasses import dataclass

from analysis.comparisons.comparison import Comparison, of_first_metric
from analysis.comparisons.metrics import METRICS
from analysis.comparisons.verdict import Verdict
from analysis.figures.conditions import has_images
from analysis.figures.registry import PlannedFigure, figures_of_sweep
from analysis.recommendations.overview import REDUCED
from analysis.report.findings import sweep_finding
from workloads.vocabulary.metrics import MetricName
from workloads.vocabulary.plan import Cell, Plan, baseline_of


@dataclass(frozen=True)
class FurtherMetric:
    """What a sweep's settings are compared by beside its first metric."""

    title: str
    comparisons: list[Comparison]
    finding: str


@dataclass(frozen=True)
class Preset:
    """A setting that the config has a name for."""

    name: str
    label: str
    same: list[str]  # other presets that come to the same setting on this machine


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
    figures: list[PlannedFigure]  # the speed-ups first, the launches in run order last
    shows_errors: bool  # whether some setting computes with reduced precision
    compares_images: bool  # three or more, such as versions of TensorFlow, and nothing else
    presets: list[Preset]

    @property
    def verdicts(self) -> list[int]:
        """How many comparisons are better, worse, equivalent, not resolved, and none of these."""
        verdicts = [comparison.verdict for comparison in self.comparisons]
        return [
            sum(verdict.is_better for verdict in verdicts),
            sum(verdict.is_worse for verdict in verdicts),
            verdicts.count(Verdict.EQUIVALENT),
            verdicts.count(Verdict.UNRESOLVED),
            sum(not verdict.is_tested for verdict in verdicts),
        ]

    @property
    def headings(self) -> tuple[str, str]:
        """Over the values of the first metric, and over their ratios."""
        speeds = (MetricName.THROUGHPUT, MetricName.LATENCY)
        are_speeds = all(comparison.metric in speeds for comparison in self.comparisons)
        return ("Time", "Speed-up") if are_speeds else ("Value", "Ratio")


def sweeps(plan: Plan, comparisons: list[Comparison], controls: Collection[tuple[str, str]]) -> list[Sweep]:
    """The plan's sweeps, each with what belongs to it; for `controls` see analysis.report.findings."""
    return [_sweep(plan, name, comparisons, controls) for name in dict.fromkeys(cell.sweep for cell in plan.cells)]


def _sweep(plan: Plan, name: str, comparisons: list[Comparison], controls: Collection[tuple[str, str]]) -> Sweep:
    cells = [cell for cell in plan.cells if cell.sweep == name]
    of_sweep = [comparison for comparison in comparisons if comparison.sweep == name]
    first = of_first_metric(of_sweep)
    errors = [error or 0.0 for comparison in first for error in (comparison.error, comparison.baseline_error)]
    return Sweep(
        name=name,
        question=cells[0].question,
        cells=cells,
        baselines=list(dict.fromkeys(baseline_of(cell).label for cell in cells)),
        fixed=list(dict.fromkeys(f"{knob}={value}" for cell in cells for knob, value in cell.fixed.items())),
        comparisons=first,
        finding=sweep_finding(first, controls),
        further=_further_metrics(of_sweep, controls),
        figures=figures_of_sweep(plan, name),
        shows_errors=max(errors, default=0.0) > REDUCED,
        compares_images=has_images(cells),
        presets=_presets(cells[0]),
    )


def _presets(cell: Cell) -> list[Preset]:
    labels = {setting.id: setting.label for setting in cell.settings}
    return [
        Preset(name, labels[own], [other for other, id_ in cell.presets.items() if id_ == own and other != name])
        for name, own in cell.presets.items()
    ]


def _further_metrics(comparisons: list[Comparison], controls: Collection[tuple[str, str]]) -> list[FurtherMetric]:
    by_metric: dict[MetricName, list[Comparison]] = {}
    for comparison in comparisons:
        if not comparison.is_first_metric:
            by_metric.setdefault(comparison.metric, []).append(comparison)
    return [
        FurtherMetric(METRICS[metric].title, comparisons, sweep_finding(comparisons, controls))
        for metric, comparisons in by_metric.items()
    ]
