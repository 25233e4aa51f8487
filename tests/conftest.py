"""Fixtures for more than one folder of tests."""

from tests.made.workflow_tree import snakemake, tree

__all__ = ["snakemake", "tree"]
