"""What figures are drawn from: the plan, the tables and the peaks."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.comparisons.comparison import COMPARISONS, Comparison, of_first_metric
from analysis.figures.peaks import Peaks, peaks
from analysis.recommendations.overview import OVERVIEW, WorkloadAnswer
from analysis.records.folder import read_machine, read_peaks, read_plan
from analysis.tables.tables import read_launches, read_samples, read_slices
from workloads.vocabulary.plan import Plan


@dataclass(frozen=True)
class Material:
    """All that any figure of a run is drawn from."""

    plan: Plan
    launches: pd.DataFrame
    samples: pd.DataFrame
    slices: pd.DataFrame
    comparisons: list[Comparison]  # by the first metric of each sweep
    further: list[Comparison]  # by its other metrics
    cpus: int  # that launches may use
    overview: list[WorkloadAnswer]
    peaks: Peaks | str  # or why they are not known


def read_material(root: Path) -> Material:
    """The material in the machine's folder `root`. Raises AnalysisError."""
    plan, launches, samples = read_plan(root), read_launches(root), read_samples(root)
    comparisons = COMPARISONS.read(root)
    return Material(
        plan=plan,
        launches=launches,
        samples=samples,
        slices=read_slices(root),
        comparisons=of_first_metric(comparisons),
        further=[comparison for comparison in comparisons if not comparison.is_first_metric],
        overview=OVERVIEW.read(root),
        cpus=len(read_machine(root).cpus),
        peaks=peaks(read_peaks(root)),
    )
