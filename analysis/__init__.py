"""What it means: records in; tables, comparisons, figures and the report out. ARCHITECTURE.md draws the rooms.

Of the other packages it imports workloads.vocabulary alone.
"""
