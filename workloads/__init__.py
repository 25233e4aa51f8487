"""What is measured: the workloads, the worker that runs one of them, and the documents that they speak.

The words of the suite, one word for one thing (code, config, files and report alike):

machine    the host that is measured, identified by a slug such as ``epyc-2c-1f3a9c``
image      a container environment (``cpu``, ``cuda``), identified by its content
knob       one thing that can be set: a pool's size, an environment variable, the CPU set, the image
setting    one value for each knob of a sweep, kept as written and as resolved on the machine
workload   a computation with fixed parameters, a declared metric, known work and an output check
sweep      a named experiment: workloads x settings, one of which is the baseline
cell       one workload of one sweep, with its settings
round      every setting of a cell measured once, in seeded random order
launch     one fresh container that runs one workload in one setting; it gives one record
sample     one timed repetition inside a launch
record     the JSON document of one launch, whatever happened to it

An image holds the modules that a container is started with, the workloads, and what these import
(containers.images.recipe.ENTRY_POINTS). Editing one of them gives the images another identity; editing the rest of
the vocabulary does not.
"""
