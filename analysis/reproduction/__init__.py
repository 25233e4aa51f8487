"""A run made again: from an original's bundle to a verdict on what was reproduced.

Comparing runs of different configs is in analysis.machines.
"""
