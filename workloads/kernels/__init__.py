"""Workloads of one operation, or of a few of one kind: what threads and libraries make of it, with nothing around it.

One file is one workload, found by its name (workloads.harness.contract); none imports another.
"""
