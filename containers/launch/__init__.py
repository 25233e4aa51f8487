"""One launch, in a container or outside one, from its settings to how it ended and what that means.

Which launches are made, and in what order, is decided in containers.rounds.
"""
