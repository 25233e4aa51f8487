#!/bin/sh
# mlp_training on xeon-2c-b3dc22: 1.18× over the defaults; faster than the defaults on rounds that did not choose it
# From the machine's folder: times mlp_training in this setting.
docker run --rm --network none --read-only --tmpfs /tmp --memory 4294967296 --pids-limit 512 --cpuset-cpus 0,1 --env-file recommended/common-mlp_training.env \
  threadmark/cpu:66b08a18 python3 -m workloads.harness.timed_run \
  '{"workload": "mlp_training", "params": {"features": 784, "hidden": 256, "layers": 2, "batch": 128, "examples": 2000, "form": "repaired"}, "intra_op": null, "inter_op": null, "timing": {"warmup_s": 0.3, "slice_s": 0.1, "cycles": 10, "min_sample_s": 0.005}, "seed": 20261122, "ramp_s": 0.0, "co_runners": 0, "concurrency": 1, "instances": 1, "format": 3}'
