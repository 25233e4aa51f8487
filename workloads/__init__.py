"""What is measured: the workloads, what runs one of them, and the words that all packages share.

The words of the suite, one word for one thing (code, config, files and report alike):

machine    the host that is measured, identified by a slug such as ``epyc-2c-1f3a9c``
image      a container environment (``cpu``, ``cuda``), identified by its content
knob       one thing that can be set: a pool's size, an environment variable, the CPU set, the image
setting    one value for each knob of a sweep, kept as written and as resolved on the machine
workload   a computation with fixed parameters, a declared metric, known work and an output check
metric     what is compared: work a second, latency at a percentile, peak memory, ...
sweep      a named experiment: workloads x settings, one of which is the baseline
cell       one workload of one sweep, with its settings
round      the launches of a cell that live side by side and take turns, from their start to their end
block      those launches of a round that are up at the same time; the baseline is in each block
cycle      one slice of every launch of a block, in fresh random order, with one tick of the canary
launch     one fresh container that runs one workload in one setting; it gives one record
slice      one stretch of a launch's timed calls; between its slices a launch sleeps
sample     one timed repetition inside a slice
record     the JSON document of one launch, whatever happened to it
claim      a sentence of a source that the data can support, refute or leave open

An image holds the modules that a container is started with, the workloads, and what these import
(containers.images.recipe.ENTRY_POINTS). Editing one of them gives the images another identity; editing the rest of
the vocabulary does not.
"""

# The rooms in which the workloads stand, a file each.
ROOMS = ("kernels", "models")
