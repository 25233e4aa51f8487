"""What the Snakefile is made of beside its rules: stages, rounds, shell lines, the run's start and end."""
