"""The process inside the container: one case in, one measurement out.

    python3 -m workloads.harness.worker CASE_JSON

CASE_JSON is a `Case`; white space around it is allowed, so that the command lines of all settings can
have one length. The `Measurement` goes to standard output as one line, alone there; all else that
is printed, by Python or by a C++ library, goes to standard error. A wrong output is a measurement whose
check did not pass. Exit status 1 with a traceback: the workload raised. 2 with one sentence: the case
cannot be read.
"""

from __future__ import annotations

import json
import math
import os
import sys
from typing import Any, TextIO

from workloads.harness.contract import Module, Parameters, find
from workloads.harness.measuring import Measuring, Waited
from workloads.vocabulary.record import FORMAT, Case, Measurement, Timing, to_json


def main(argv: list[str]) -> int:
    """Run the case on the command line; gives the exit status."""
    answer = private_stdout()
    try:
        case = read_case(argv)
        module = find(case.workload)
        params = module.Params.of(case.params)
    except ValueError as problem:
        print(f"workloads.harness.worker: cannot run this case: {problem}", file=sys.stderr)
        return 2
    with answer:
        answer.write(to_json(measure(case, module, params)) + "\n")
    return 0


def private_stdout() -> TextIO:
    """Take standard output for the answer alone: what else is written there goes to standard error.

    On the level of file descriptors, because oneDNN and other libraries print without asking Python.
    """
    sys.stdout.flush()
    private = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(private, "w")


def read_case(argv: list[str]) -> Case:
    """The case on the command line; raises ValueError with one sentence for anything else."""
    if len(argv) != 1:
        raise ValueError(f"one argument wanted, the case as JSON; got {len(argv)}")
    try:
        document: Any = json.loads(argv[0])
        case = Case(**{**document, "timing": Timing(**document["timing"])})
    except KeyError as missing:
        raise ValueError(f"not a case: {missing} is missing") from None
    except (TypeError, ValueError) as problem:
        raise ValueError(f"not a case: {problem}") from None
    if case.format != FORMAT:
        raise ValueError(f"format {case.format!r} of the case is not {FORMAT}, the one that this worker reads")
    _check_types(case)
    return case


def _check_types(case: Case) -> None:
    optional, whole, number = (int, type(None)), (int,), (int, float)
    fields: list[tuple[str, Any, tuple[type, ...]]] = [
        ("workload", case.workload, (str,)),
        ("params", case.params, (dict,)),
        ("intra_op", case.intra_op, optional),
        ("inter_op", case.inter_op, optional),
        ("seed", case.seed, whole),
        ("co_runners", case.co_runners, whole),
        ("timing.cycles", case.timing.cycles, whole),
        ("timing.warmup_s", case.timing.warmup_s, number),
        ("timing.slice_s", case.timing.slice_s, number),
        ("timing.min_sample_s", case.timing.min_sample_s, number),
    ]
    for name, value, types in fields:
        # Exact types: True is an int to Python.
        if type(value) not in types:
            raise ValueError(f"{name}: {value!r} is not of type {' or '.join(kind.__name__ for kind in types)}")
        if types in (whole, number) and not 0 <= value < math.inf:
            raise ValueError(f"{name}: {value!r} is not a number from 0 upwards")


def measure(case: Case, module: Module, params: Parameters) -> Measurement:
    """Build the workload, check it, and take all of its turns one after another."""
    measuring = Measuring(case, module, params)
    for _ in range(case.timing.cycles):
        measuring.slice(Waited(0.0, None))
    return measuring.end(held=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
