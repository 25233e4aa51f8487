"""What several workloads are made of: models, matrices, compilation, a user's model.

What only one workload needs is in its own module.
"""
