"""The names of what can be compared. What each of them is, analysis.comparisons.metrics says. Standard library only."""

from enum import StrEnum


class MetricName(StrEnum):
    """What a sweep may name under `metrics`."""

    THROUGHPUT = "throughput"
    LATENCY = "latency"
    P90_LATENCY = "p90_latency"
    P95_LATENCY = "p95_latency"
    P99_LATENCY = "p99_latency"
    PEAK_MEMORY = "peak_memory"
    FIRST_CALL = "first_call"
    CPU_TIME = "cpu_time"
