"""A room of analysis."""
