"""What several workloads are made of: models, matrices, compilation, a user's model and its inputs.

What only one workload needs is in its own module.
"""
