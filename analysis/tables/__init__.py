"""Records as tables: one row a launch, one row a sample, and what a launch's own samples say.

A number about two launches or more belongs into analysis.comparisons.
"""
