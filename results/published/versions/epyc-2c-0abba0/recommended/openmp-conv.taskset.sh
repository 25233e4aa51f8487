#!/bin/sh
# conv on epyc-2c-0abba0: the defaults; no other setting is faster on average
# Runs "$@" once for each instance, on a part of the CPUs each.
taskset --cpu-list 0,1 env TF_ENABLE_ONEDNN_OPTS=1 "$@" &
wait
