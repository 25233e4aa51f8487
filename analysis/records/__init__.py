"""A machine's folder, read: plan, machine, receipts, records, each checked against its place.

Nothing is computed here; what a record comes to is in analysis.tables.
"""
