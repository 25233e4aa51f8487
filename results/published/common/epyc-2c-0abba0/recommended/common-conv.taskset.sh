#!/bin/sh
# conv on epyc-2c-0abba0: the defaults; the best of the others, intra_op=2 inter_op=1, comes to 1.02× (95 % interval 0.977 to 1.06) on rounds that did not choose it
# Runs "$@" once for each instance, on a part of the CPUs each.
taskset --cpu-list 0,1 env "$@" &
wait
