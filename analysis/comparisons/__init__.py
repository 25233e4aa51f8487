"""Which launches count, pairs, comparisons, components of the noise, percentiles of latency."""
