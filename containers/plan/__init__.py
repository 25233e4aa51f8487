"""From a config to the cells that are measured. Pure: machine and images are arguments.

The plan's own types are in workloads.vocabulary.plan, since the analysis reads them too.
"""
