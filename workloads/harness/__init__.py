"""A room of workloads."""
