"""One run as one archive: made, verified, added to the results."""
