"""Fixtures for more than one folder of tests."""

from workflow_tree import snakemake, tree

__all__ = ["snakemake", "tree"]
