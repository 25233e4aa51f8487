"""What launches are compared by. Adding a metric takes its name in workloads.vocabulary.metrics and its entry here.

A comparison's ratio says how many times better a setting is than its baseline, whichever way is better: 2 is twice the
work a second, or half the memory.
"""

from collections.abc import Callable
from dataclasses import dataclass

from analysis.comparisons.verdict import Verdict
from analysis.wording import call_time
from workloads.vocabulary.amounts import digits, size
from workloads.vocabulary.metrics import MetricName
from workloads.vocabulary.plan import Cell


@dataclass(frozen=True)
class Metric:
    """What two settings are compared by."""

    name: MetricName
    title: str  # as a heading and in sentences
    column: str  # of the table of launches
    higher_is_better: bool
    better: Verdict  # of a setting that is better than its baseline
    worse: Verdict
    shown: str  # the column that the report shows beside a comparison
    reads: Callable[[float | None], str]  # a value of that column in words
    of_work: bool = False  # whether it rests on the amount of work, so that both must have one unit of it
    fewest_samples: int = 1  # a launch with fewer does not count
    in_slices: bool = False  # whether each slice gives one: launches that took turns are then paired cycle by cycle

    @property
    def gain(self) -> str:
        """What a ratio of it is called."""
        return "speed-up" if self.better is Verdict.FASTER else "gain"


def fewest_calls(percentile: int) -> int:
    """How many calls it takes to say something of a percentile.

    MLPerf Inference's rule for early stopping: among so many calls, two or more lie beyond the true percentile with a
    probability of 99 % (docs/method.md#latency).
    """
    within = percentile / 100
    calls = 2
    while within**calls + calls * within ** (calls - 1) * (1 - within) > 0.01:
        calls += 1
    return calls


def _percentile(name: MetricName, percentile: int) -> Metric:
    """A percentile of single calls."""
    title = f"{percentile}th percentile of latency"
    return _time(name, title, f"p{percentile}_s", fewest_samples=fewest_calls(percentile))


def _time(name: MetricName, title: str, column: str, fewest_samples: int = 1, *, in_slices: bool = False) -> Metric:
    return Metric(
        name=name,
        title=title,
        column=column,
        higher_is_better=False,
        better=Verdict.FASTER,
        worse=Verdict.SLOWER,
        shown=column,
        reads=call_time,
        fewest_samples=fewest_samples,
        in_slices=in_slices,
    )


def _cpu_time(seconds: float | None) -> str:
    if seconds is None or seconds >= 1e-6:
        return call_time(seconds)
    return f"{digits(seconds * 1e9)} ns"


def _bytes(number: float | None) -> str:
    return digits(None) if number is None else size(round(number))


def _use(name: MetricName, title: str, column: str, reads: Callable[[float | None], str], *, of_work: bool) -> Metric:
    return Metric(
        name=name,
        title=title,
        column=column,
        higher_is_better=False,
        better=Verdict.LESS,
        worse=Verdict.MORE,
        shown=column,
        reads=reads,
        of_work=of_work,
    )


THROUGHPUT = Metric(
    name=MetricName.THROUGHPUT,
    title="work a second",
    column="throughput",
    higher_is_better=True,
    better=Verdict.FASTER,
    worse=Verdict.SLOWER,
    shown="period_s",
    reads=call_time,
    of_work=True,
    in_slices=True,
)
LATENCY = _time(MetricName.LATENCY, "time of a call", "call_s", in_slices=True)

# By name, in the order of the names.
METRICS = {
    metric.name: metric
    for metric in (
        THROUGHPUT,
        LATENCY,
        _percentile(MetricName.P90_LATENCY, 90),
        _percentile(MetricName.P95_LATENCY, 95),
        _percentile(MetricName.P99_LATENCY, 99),
        _use(MetricName.PEAK_MEMORY, "peak memory", "peak_rss_bytes", _bytes, of_work=False),
        _time(MetricName.FIRST_CALL, "time of the first call", "first_call_s"),
        _use(MetricName.CPU_TIME, "CPU time a unit of work", "cpu_s_per_work", _cpu_time, of_work=True),
    )
}


def first_metric(cell: Cell) -> Metric:
    """What decides: on further rounds, on the setting to recommend, on claims that name no metric."""
    return METRICS[cell.metrics[0]] if cell.metrics else THROUGHPUT
