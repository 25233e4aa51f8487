#!/bin/sh
# mobilenet on xeon-2c-b3dc22: 2.88× over the defaults; faster than the defaults on rounds that did not choose it
# From the machine's folder: times mobilenet in this setting.
docker run --rm --network none --read-only --tmpfs /tmp --memory 8589934592 --pids-limit 1024 --cpuset-cpus 0,1 --env-file recommended/split-mobilenet.env \
  threadmark/cpu:fbcee7b8 python3 -m workloads.harness.timed_run \
  '{"workload": "mobilenet", "params": {"batch": 1, "size": 224, "precision": "float32", "jit_compile": false}, "intra_op": null, "inter_op": null, "timing": {"warmup_s": 0.3, "slice_s": 0.2, "cycles": 10, "min_sample_s": 0.005}, "seed": 20261122, "ramp_s": 0.0, "co_runners": 0, "concurrency": 1, "instances": 2, "format": 3}'
