"""The measured process inside the container: one case and its turns in, one measurement out.

    python3 -m workloads.harness.worker CASE_JSON

With a descriptor and a place behind it, it is one of several instances (workloads.harness.instances).

CASE_JSON is a `Case`; white space around it is allowed, so that the command lines of all settings can have one length.
Orders come in and answers go out as lines of workloads.vocabulary.protocol, alone on standard input and output: what
else is printed, by Python or by a C++ library, goes to standard error. A wrong output is a measurement whose check did
not pass. Exit status 1 with a traceback: the workload raised. 2 with one sentence: the case cannot be read. 3: the
orders ended before the last one.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import sys
from dataclasses import asdict
from typing import Any, TextIO

from workloads.harness.contract import find
from workloads.harness.measuring import Measuring, Waited
from workloads.harness.neighbours import seats_of
from workloads.harness.observe import spent
from workloads.vocabulary.protocol import Answer, Finished, Order, Ready, Sliced, to_line
from workloads.vocabulary.record import FORMAT, Case, Timing
from workloads.vocabulary.slice import together


def main(argv: list[str]) -> int:
    """Run the case on the command line; gives the exit status."""
    answers, orders = private_stdout(), private_stdin()
    try:
        case_json, seat = (argv[:1], argv[1:]) if len(argv) == 3 else (argv, [])
        case = read_case(case_json)
        module = find(case.workload)
        params = module.Params.of(case.params)
    except ValueError as problem:
        print(f"workloads.harness.worker: cannot run this case: {problem}", file=sys.stderr)
        return 2
    seats = seats_of(int(seat[0]), int(seat[1]), case.instances, case.concurrency) if seat else []
    with answers, orders:
        return take_turns(Measuring(case, module, params, seats), orders, answers)


def take_turns(measuring: Measuring, orders: TextIO, answers: TextIO) -> int:
    """Follow orders until the last one; the exit status."""

    def answer(document: Answer) -> None:
        answers.write(to_line(document) + "\n")
        answers.flush()

    answer(Ready(peak_rss_bytes=spent().peak_rss_bytes))
    for line in orders:
        order = Order(**json.loads(line))
        if order.order == "end":
            answer(Finished(asdict(measuring.end(held=order.held))))
            return 0
        taken = measuring.slice(Waited(order.idle_s, order.idle_cpu_s))
        calls = len(taken.samples) * measuring.calls
        medians = [statistics.median(samples) for samples in taken.of_callers]
        typical_s = together(medians, [1] * len(medians)) / len(medians)
        answer(Sliced(calls, taken.wall_s, typical_s, taken.ramp_s, measuring.work))
    return 3


def private_stdin() -> TextIO:
    """Take standard input for the orders alone: what else reads it finds its end."""
    private = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return os.fdopen(private)


def private_stdout() -> TextIO:
    """Take standard output for the answers alone: what else is written there goes to standard error.

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
        ("instances", case.instances, whole),
        ("concurrency", case.concurrency, whole),
        ("ramp_s", case.ramp_s, number),
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
