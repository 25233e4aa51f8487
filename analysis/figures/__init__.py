"""One figure a file, and which figures a plan has."""
