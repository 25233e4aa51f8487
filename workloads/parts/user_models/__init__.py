"""A user's own model in its container: loaded, given inputs, called and checked.

Which files it is made of, and what cannot run, is decided on the host: containers.plan.user_models.
"""
