#!/bin/sh
# mlp_training on epyc-2c-0abba0: the defaults; the best of the others, intra_op=1 inter_op=1, comes to 1.01× (95 % interval 0.971 to 1.05) on rounds that did not choose it
# Runs "$@" once for each instance, on a part of the CPUs each.
taskset --cpu-list 0,1 env TF_ENABLE_ONEDNN_OPTS=1 "$@" &
wait
