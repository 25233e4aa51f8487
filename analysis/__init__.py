"""What it means: records in; tables, comparisons, figures and the report out.

Of the other packages it imports workloads.record alone.
"""
