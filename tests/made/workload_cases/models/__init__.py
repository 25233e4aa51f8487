"""How each workload of workloads.models is tested."""
