"""The check-up before a run."""
