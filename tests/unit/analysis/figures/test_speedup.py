"""What a figure of speed-ups says its ratios are."""

from analysis.figures import speedup
from workloads.vocabulary.metrics import MetricName


def test_a_call_s_speed_up_is_not_that_of_work_a_second() -> None:
    headings = {metric: speedup._words(metric) for metric in (MetricName.THROUGHPUT, MetricName.LATENCY)}
    assert len({heading for heading, _ in headings.values()}) == 2
    assert "time of a call" in headings[MetricName.LATENCY][1]
