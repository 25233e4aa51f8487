"""Which setting to run with, and what it gains on rounds that did not choose it.

How it reads in the report is in analysis.report.
"""
