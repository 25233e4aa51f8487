#!/bin/sh
# conv on epyc-2c-0abba0: the defaults; not known: no other setting differs from the defaults in anything that is read
# Runs "$@" once for each instance, on a part of the CPUs each.
taskset --cpu-list 0,1 env TF_ENABLE_ONEDNN_OPTS=1 "$@" &
wait
