"""The process inside the container: one case in, one measurement out.

    python3 -m workloads.harness.worker CASE_JSON

CASE_JSON is a `Case`; white space around it is allowed, so that the command lines of all settings can
have one length. The `Measurement` goes to standard output as one line, alone there; all else that
is printed, by Python or by a C++ library, goes to standard error. A wrong output is a measurement whose
check did not pass. Exit status 1 with a traceback: the workload raised. 2 with one sentence: the case
cannot be read.
"""

from __future__ import annotations

import gc
import json
import math
import os
import platform
import sys
from typing import Any, TextIO

import numpy as np

from workloads.harness import canary, observe
from workloads.harness.co_runners import co_runners
from workloads.harness.contract import Module, Parameters, find, worst
from workloads.harness.timing import Laps, Timer
from workloads.vocabulary.record import FORMAT, Case, Measurement, Observed, Phases, Timing, to_json


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
        ("timing.min_samples", case.timing.min_samples, whole),
        ("timing.warmup_s", case.timing.warmup_s, number),
        ("timing.measure_s", case.timing.measure_s, number),
        ("timing.min_sample_s", case.timing.min_sample_s, number),
    ]
    for name, value, types in fields:
        # Exact types: True is an int to Python.
        if type(value) not in types:
            raise ValueError(f"{name}: {value!r} is not of type {' or '.join(kind.__name__ for kind in types)}")
        if types in (whole, number) and not 0 <= value < math.inf:
            raise ValueError(f"{name}: {value!r} is not a number from 0 upwards")


def measure(case: Case, module: Module, params: Parameters) -> Measurement:
    """Build the workload, check it, time it."""
    start_s, laps = observe.process_age_s(), Laps()
    canary_before, ticking = canary.take(), observe.ticking()
    laps.end("canary_s")
    # The collector would walk the million objects that an import makes, again and again, and free none of them.
    gc.disable()
    import tensorflow as tf

    gc.enable()
    laps.end("import_s")
    before = observe.threads()
    if (prepare := getattr(module, "prepare", None)) is not None:
        prepare(params)
    devices = start_context(tf, case)
    after = observe.threads()
    workload = module.build(params, np.random.default_rng(case.seed))
    laps.end("build_s")

    on_gpu = any(":GPU:" in device for device in devices)
    timer = Timer(workload.call, case.timing, tf.test.experimental.sync_devices if on_gpu else lambda: None)
    with co_runners(case.co_runners):
        _, output = timer.group(1)
        laps.end("first_call_s")
        check = workload.check_first(output)
        laps.end("check_s")
        # The collector would walk TensorFlow's million objects in the middle of a sample; a service that
        # has warmed up does so rarely. What exists by now is set aside; new garbage is collected as ever.
        gc.freeze()
        warmup = timer.warm_up()
        # A tail is seen only where a sample is one call.
        calls = 1 if workload.metric == "latency" else timer.calls_per_sample(warmup)
        laps.end("warmup_s")

        traces, spent, throttled = _traces(workload.traced), observe.spent(), observe.throttled_s()
        samples, output = timer.samples(calls)
        used = observe.between(spent, observe.spent())
        throttled = observe.growth(throttled, observe.throttled_s())
        laps.end("timing_s")
    new_traces = None if traces is None else _traces(workload.traced) - traces
    check = worst(check, workload.check_last(output))
    laps.end("check_s")
    surroundings, canary_after = observe.surroundings(ticking), canary.take()
    laps.end("canary_s")

    phases = Phases(start_s=round(start_s, 3), **laps.seconds)
    return Measurement(
        metric=workload.metric,
        work=workload.work,
        phases=phases,
        calls_per_sample=calls,
        warmup=warmup,
        samples=samples,
        check=check,
        observed=Observed(
            cpus=observe.cpus(),
            inter_threads=observe.inter_threads(after),
            intra_threads=observe.intra_threads(before, after),
            threads=observe.total(observe.threads()),
            cpu_per_wall=round(used.cpu_s / phases.timing_s, 4),
            onednn=observe.onednn(),
            devices=devices,
            traces=new_traces,
            allocator=observe.allocator(),
            throttled_s=throttled,
        ),
        usage=used,
        canary_before=canary_before,
        canary_after=canary_after,
        surroundings=surroundings,
        versions={"python": platform.python_version(), "numpy": np.__version__, "tensorflow": tf.__version__},
    )


def start_context(tf: Any, case: Case) -> list[str]:
    """Set the pools' sizes by TensorFlow's API and start its context, which reads them once and for all.

    Gives the names of the logical devices.
    """
    if case.intra_op is not None:
        tf.config.threading.set_intra_op_parallelism_threads(case.intra_op)
    if case.inter_op is not None:
        tf.config.threading.set_inter_op_parallelism_threads(case.inter_op)
    return [device.name for device in tf.config.list_logical_devices()]


def _traces(traced: Any | None) -> Any:
    return None if traced is None else traced.experimental_get_tracing_count()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
