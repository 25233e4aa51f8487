"""One launch, in a container or outside one, and what its end means."""
