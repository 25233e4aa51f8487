"""A workload's call as a pyperf benchmark. Runs in the suite's image, beside the suite's own files.

python pyperf_payload.py WORKLOAD [pyperf's own options]
"""

import sys


def payload(name: str) -> object:
    """What one call is."""
    import numpy as np

    from workloads.harness.contract import find

    module = find(name)
    return module.build(module.Params.of({}), np.random.default_rng(1)).call


if __name__ == "__main__":
    import pyperf

    # Its workers are started by this command line, so that the name stays on it.
    NAME = sys.argv.pop(1)
    RUNNER = pyperf.Runner(program_args=(__file__, NAME))
    # The manager starts workers and calls nothing itself.
    WORKER = any(argument.startswith("--worker") for argument in sys.argv)
    RUNNER.bench_func(NAME, payload(NAME) if WORKER else None)
