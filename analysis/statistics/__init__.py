"""Numbers in, numbers out: means, intervals, tests and corrections.

Nothing here knows plans, launches or files.
"""
