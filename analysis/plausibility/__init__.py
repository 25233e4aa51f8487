"""Whether records hold together: each against itself, its plan, its receipt and its neighbours. Linear in records.

It reads what was measured and nothing that follows from it.
"""
