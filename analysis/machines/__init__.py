"""Machines side by side: which work is the same, how fast each is at it, where they agree.

Two runs of one config on purpose are in analysis.reproduction.
"""
