"""Which setting to run with."""
