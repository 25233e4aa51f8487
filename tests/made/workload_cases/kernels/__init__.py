"""How each workload of workloads.kernels is tested."""
