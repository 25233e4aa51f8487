"""Users' models on the host: which files one is made of, what identifies it, and what cannot run.

What a model computes is known in its container only: workloads.parts.user_models.
"""
