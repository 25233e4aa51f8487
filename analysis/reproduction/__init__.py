"""A run done again, and what is reproduced."""
