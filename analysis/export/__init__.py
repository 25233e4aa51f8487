"""The tables in other forms: CSV, Parquet, LaTeX, pyperf's and Google Benchmark's files, the dictionary of columns.

No number is computed here.
"""
