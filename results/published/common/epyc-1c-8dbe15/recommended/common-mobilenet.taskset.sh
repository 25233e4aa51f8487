#!/bin/sh
# mobilenet on epyc-1c-8dbe15: the defaults; no other setting is faster on average
# Runs "$@" once for each instance, on a part of the CPUs each.
taskset --cpu-list 0 env "$@" &
wait
