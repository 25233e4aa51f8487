"""What a comparison is: a setting held against its cell's baseline, one row of the table of comparisons."""

from dataclasses import dataclass
from typing import Annotated

from analysis.comparisons.verdict import Verdict
from analysis.tables.columns import Definition, Directory, Label, SettingId, SweepName, Told, WorkloadName
from analysis.tables.tables import RowTable
from workloads.vocabulary.metrics import MetricName

MaybeNumber = float | None


@dataclass(frozen=True)
class Comparison:
    """A setting against its cell's baseline; numbers are None where they cannot be said."""

    sweep: SweepName
    workload: WorkloadName
    definition: Definition
    setting: SettingId
    label: Label
    baseline: Annotated[str, Told("identity of the setting that it is compared with")]
    baseline_label: Annotated[str, Told("that setting as knob=value")]
    rounds: Annotated[int, Told("rounds as planned", "1")]
    pairs: Annotated[int, Told("rounds in which both gave a valid measurement", "1")]
    missing: Annotated[int, Told("rounds less pairs", "1")]
    verdict: Annotated[
        Verdict, Told("faster, slower, less, more, equivalent, no difference resolved, or why there is none")
    ]
    metric: Annotated[MetricName, Told("what the two are compared by")] = MetricName.THROUGHPUT
    is_first_metric: Annotated[bool, Told("whether the sweep names it first, or names none")] = True
    ratio: Annotated[
        MaybeNumber, Told("how many times better than the baseline: geometric mean over the pairs", "1")
    ] = None
    low: Annotated[MaybeNumber, Told("lower bound of its 95 % interval, for this comparison alone", "1")] = None
    high: Annotated[MaybeNumber, Told("upper bound", "1")] = None
    sd_log_ratio: Annotated[MaybeNumber, Told("standard deviation of the pairs' log-ratios", "1")] = None
    standard_error: Annotated[MaybeNumber, Told("of their mean", "1")] = None
    freedom: Annotated[MaybeNumber, Told("its degrees of freedom; more than pairs - 1 where it is shared", "1")] = None
    p: Annotated[MaybeNumber, Told("of the paired two-sided t-test, unadjusted", "1")] = None
    p_adjusted: Annotated[MaybeNumber, Told("after Holm's adjustment over the sweep's comparisons", "1")] = None
    family: Annotated[int, Told("comparisons that were adjusted together", "1")] = 0
    p_equivalence: Annotated[MaybeNumber, Told("of two one-sided tests at the margin, unadjusted", "1")] = None
    margin: Annotated[MaybeNumber, Told("0.02: ratios from 1/1.02 to 1.02 make no difference that matters", "1")] = None
    resolvable: Annotated[MaybeNumber, Told("smallest true ratio that would be called in 4 of 5 repeats", "1")] = None
    value: Annotated[MaybeNumber, Told("what the report shows of the metric: median over the launches", "its own")] = (
        None
    )
    baseline_value: Annotated[MaybeNumber, Told("the same of the baseline's", "its own")] = None
    by_work: Annotated[
        bool | None, Told("whether work over time was compared, its stalls included; else the typical call")
    ] = None
    stalls: Annotated[MaybeNumber, Told("speed that stalls leave it, over what they leave the baseline", "1")] = None
    stalls_seen: Annotated[
        MaybeNumber, Told("such a ratio would be seen in 4 of 5 runs, or its inverse, if it were this large", "1")
    ] = None
    call_s: Annotated[MaybeNumber, Told("time of a call: median over the setting's paired launches", "s")] = None
    baseline_call_s: Annotated[MaybeNumber, Told("the same of the baseline's", "s")] = None
    error: Annotated[MaybeNumber, Told("largest relative error of the setting's outputs", "1")] = None
    baseline_error: Annotated[MaybeNumber, Told("largest relative error of the baseline's outputs", "1")] = None
    directory: Directory = ""
    pair_rounds: Annotated[tuple[int, ...], Told("the rounds of the pairs", "1")] = ()
    log_ratios: Annotated[tuple[float, ...], Told("what each of these rounds came to; > 0: better", "1")] = ()
    records: Annotated[tuple[str, ...], Told("ROUND/POSITION of the setting's paired launches")] = ()
    baseline_records: Annotated[tuple[str, ...], Told("those of the baseline, in the same order")] = ()
    failed: Annotated[int, Told("of the setting's launches, those that failed, whatever the others say", "1")] = 0
    timed_out: Annotated[int, Told("of those that failed, how many took longer than the time limit", "1")] = 0
    baseline_timed_out: Annotated[int, Told("of the baseline's launches, those that took longer", "1")] = 0
    unsteady: Annotated[int, Told("of the paired launches, both settings', those whose samples were unsteady", "1")] = 0

    @property
    def is_unsteady(self) -> bool:
        """Whether more than a quarter of its launches are."""
        return self.unsteady > self.pairs / 2


def of_first_metric(comparisons: list[Comparison]) -> list[Comparison]:
    """Those by what their sweep names first, or by what their workload is about."""
    return [comparison for comparison in comparisons if comparison.is_first_metric]


COMPARISONS = RowTable("comparisons", Comparison, "analysis.comparisons.compare")
