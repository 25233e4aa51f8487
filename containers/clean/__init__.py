"""A room of containers."""
