#!/bin/sh
# branches on epyc-2c-0abba0: the defaults; the best of the others, intra_op=1 inter_op=2, comes to 1.00× (95 % interval 0.992 to 1.02) on rounds that did not choose it
# Runs "$@" once for each instance, on a part of the CPUs each.
taskset --cpu-list 0,1 env "$@" &
wait
