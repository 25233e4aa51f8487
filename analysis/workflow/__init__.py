"""What follows from the records, stage by stage: the list that the Snakefile and the bundle share.

What a stage computes is in the room that it is about.
"""
