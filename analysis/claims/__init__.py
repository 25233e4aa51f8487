"""What the two guides claim: the file of claims, its check against a config, the tests, the verdicts.

Statistics that are not about claims are in analysis.comparisons.
"""
