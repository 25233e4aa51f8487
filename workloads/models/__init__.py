"""Workloads that are networks: their inference, their training, and what feeds them. The user's own model among them.

One file is one workload, found by its name (workloads.harness.contract); none imports another.
"""
