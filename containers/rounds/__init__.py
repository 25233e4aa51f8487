"""Rounds: their launches in order, their files, waiting for a quiet machine, progress.

How a single launch runs is in containers.launch; how many rounds there are is decided in analysis.decisions.
"""
