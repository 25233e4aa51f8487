#!/bin/sh
# matmul on epyc-2c-0abba0: the defaults; the best of the others, intra_op=2 inter_op=1, comes to 1.04× (95 % interval 0.996 to 1.09) on rounds that did not choose it
# Runs "$@" once for each instance, on a part of the CPUs each.
taskset --cpu-list 0,1 env "$@" &
wait
