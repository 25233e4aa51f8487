"""The kinds of tests that a claim may have: each a model of what the file says, and how it is decided."""
