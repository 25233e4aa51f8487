"""Forms for other programs and for papers: CSV, Parquet, LaTeX, pyperf, Google Benchmark."""
