#!/bin/sh
# python_threads on epyc-2c-0abba0: the defaults; no other setting is faster on average
# From the machine's folder: times python_threads in this setting.
docker run --rm --network none --read-only --tmpfs /tmp --memory 4294967296 --pids-limit 512 --cpuset-cpus 0,1 --env-file recommended/turns-python_threads.env \
  threadmark/cpu:a230cdce python3 -m workloads.harness.timed_run \
  '{"workload": "python_threads", "params": {"threads": 1, "ops": 8, "n": 640, "mode": "eager"}, "intra_op": null, "inter_op": null, "timing": {"warmup_s": 0.3, "slice_s": 0.1, "cycles": 24, "min_sample_s": 0.005}, "seed": 20261122, "ramp_s": 0.0, "co_runners": 0, "concurrency": 1, "instances": 1, "format": 3}'
