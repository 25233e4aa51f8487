"""The report of one machine, as Markdown and as a page: what is said of numbers that other rooms computed.

Reports on several machines are in analysis.machines and analysis.reproduction.
"""
