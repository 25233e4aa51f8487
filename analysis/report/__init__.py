"""report.md and report.html, with their templates."""
