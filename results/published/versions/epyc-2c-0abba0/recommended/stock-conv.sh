#!/bin/sh
# conv on epyc-2c-0abba0: the defaults; not known: no other setting differs from the defaults in anything that is read
# From the machine's folder: times conv in this setting.
docker run --rm --network none --read-only --tmpfs /tmp --memory 4294967296 --pids-limit 512 --cpuset-cpus 0,1 --env-file recommended/stock-conv.env \
  threadmark/tf-2.14:d64c0aca python3 -m workloads.harness.timed_run \
  '{"workload": "conv", "params": {"batch": 8, "size": 56, "channels": 64, "layers": 2, "precision": "float32", "jit_compile": false}, "intra_op": null, "inter_op": null, "timing": {"warmup_s": 0.2, "slice_s": 0.1, "cycles": 8, "min_sample_s": 0.005}, "seed": 20261122, "ramp_s": 0.0, "co_runners": 0, "concurrency": 1, "instances": 1, "format": 3}'
