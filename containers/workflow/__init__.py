"""What the Snakefile is made of beside its rules: stages, rounds, shell lines, the run's start and end.

What a job does is in the room that it is about.
"""
