"""What it means: records in; tables, comparisons, figures and the report out. Imports no other package but workloads.record."""
