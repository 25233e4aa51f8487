"""What runs inside a container beside a workload: worker, timing, observation, probe, the contract of a workload.

Nothing here is about a single workload, and nothing runs on the host but the contract and the documents of the probe.
"""
