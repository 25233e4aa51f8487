"""Profiles of papers and guides: folders of config/papers, each with a config, its claims and what was run where.

What is measured is the config's, what is claimed the file of claims'; nothing of a profile is code.
"""
