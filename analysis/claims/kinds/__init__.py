"""The kinds of tests that a claim may have: each a model of what the file says, and how it is decided.

What comes of several tests together, a claim's verdict, is in analysis.claims.judge.
"""
