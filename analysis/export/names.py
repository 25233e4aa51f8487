"""Which files analysis.export.twins makes of the tables, by name alone: Snakemake asks before there is a table."""

from __future__ import annotations

DICTIONARY = "tables/dictionary.csv"
TWINS = [
    "tables/launches.csv",
    "tables/comparisons.parquet",
    "tables/claims.parquet",
    "tables/recommendations.parquet",
    "tables/components.parquet",
]
LATEX = ["tables/claims.tex", "tables/comparisons.tex", "tables/recommendations.tex"]
MADE = [*TWINS, DICTIONARY, *LATEX]
"""Below the machine's folder."""
