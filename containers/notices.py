"""What is going on, in plain sentences on standard error: standard output belongs to results."""

import sys


def say(text: str) -> None:
    """Print one sentence for the person who waits."""
    print(f"threadmark: {text}", file=sys.stderr, flush=True)
