"""One round after another: order, journal, canary, progress."""
