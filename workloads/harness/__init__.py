"""What runs in a container beside a workload: worker, timing, what is observed, probe, the contract of a workload."""
