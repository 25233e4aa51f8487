"""One command that compares two builds of TensorFlow: it writes a config, runs it, and ends with a status.

Room rule: nothing here measures or judges by itself; analysis.comparisons.regression says what is slower.
"""
