"""The container engine: connecting to it, what it can do, a container that is begun and goes.

Nothing here knows images' recipes, plans or launches.
"""
