"""Which launches count, and what they say of settings against each other: pairs, comparisons, noise, latencies.

What follows from a comparison (a decision, a recommendation, a verdict on a claim) has a room of its own.
"""
