"""A launch from the inside: it builds its workload, checks it, warms it up, takes its turns, and is checked again."""

import gc
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from workloads.harness import observe
from workloads.harness.callers import Callers
from workloads.harness.co_runners import CoRunners
from workloads.harness.contract import Module, Parameters, worst
from workloads.harness.neighbours import Neighbours, seats_of_one
from workloads.harness.timing import Laps, Timer
from workloads.vocabulary.record import Case, Measurement, Observed, Phases, Usage
from workloads.vocabulary.slice import Slice, side_by_side


@dataclass(frozen=True)
class Waited:
    """How a launch spent the time before its turn, as seen from outside."""

    idle_s: float
    idle_cpu_s: float | None  # None: could not be seen


class Measuring:
    """A workload that is warm and waits for its turns. All of its calls happen in here, one after another.

    Where a case asks for concurrency, several threads make such calls at the same time.
    """

    def __init__(self, case: Case, module: Module, params: Parameters, seats: Sequence[Neighbours] = ()) -> None:
        """Import TensorFlow, build the workload, check its first output and warm it up.

        `seats`: of its threads among those of the launch's other instances, beside which its calls are counted.
        """
        start_s, self._laps = observe.process_age_s(), Laps()
        # The collector would walk the million objects that an import makes, again and again, and free none of them.
        gc.disable()
        import tensorflow as tf

        gc.enable()
        self._tf = tf
        self._laps.end("import_s")
        before = observe.threads()
        if (prepare := getattr(module, "prepare", None)) is not None:
            prepare(params)
        self._devices = start_context(tf, case)
        after = observe.threads()
        self._pools = (observe.intra_threads(before, after), observe.inter_threads(after))
        self._workload = module.build(params, np.random.default_rng(case.seed))
        self._laps.end("build_s")

        on_gpu = any(":GPU:" in device for device in self._devices)
        settle = tf.test.experimental.sync_devices if on_gpu else lambda: None
        self._timer = Timer(self._workload.call, case.timing, settle)
        self._co_runners = CoRunners(case.co_runners)
        _, self._output = self._timer.group(1)
        self._laps.end("first_call_s")
        self._check = self._workload.check_first(self._output)
        self._laps.end("check_s")
        # The collector would walk TensorFlow's million objects in the middle of a sample; a service that
        # has warmed up does so rarely. What exists by now is set aside; new garbage is collected as ever.
        gc.freeze()
        self._callers = Callers(seats or seats_of_one(case.concurrency))
        (self._warmup, self._together), *_ = self._callers.each(self._warm_up)
        # A tail is seen only where a sample is one call.
        self._calls = 1 if self._workload.metric == "latency" else self._together
        self._laps.end("warmup_s")
        self._co_runners.hold()

        self._ramp_s = case.ramp_s
        self._start_s, self._ready = start_s, time.perf_counter()
        self._ticking, self._traces, self._spent = observe.ticking(), self._count_traces(), observe.spent()
        self._slices: list[Slice] = []
        self._used: list[Usage] = []

    def slice(self, waited: Waited) -> Slice:
        """Take a turn: calls that are not counted, then those that are."""
        self._laps.end("waiting_s")
        started_s = time.perf_counter() - self._ready
        self._co_runners.go()
        turns = self._callers.each(lambda seat: self._turn(seat, started_s, waited))
        self._co_runners.hold()
        taken = side_by_side([taken for taken, _ in turns])
        self._used.append(replace(turns[0][1], cpu_s=taken.cpu_s))
        self._slices.append(taken)
        self._laps.end("timing_s")
        return taken

    def _warm_up(self, seat: Neighbours) -> tuple[list[float], int]:
        """A caller's warm-up: seconds of one call, in order, and how many calls make up a sample of any caller."""
        seconds = self._timer.warm_up()
        return seconds, seat.largest(self._timer.calls_per_sample(seconds))

    def _turn(self, seat: Neighbours, started_s: float, waited: Waited) -> tuple[Slice, Usage]:
        """A caller's turn, and what the process used meanwhile."""
        # As many calls as make up a sample: a single short one would wake no thread.
        ramp_s = self._timer.ramp(self._together, self._ramp_s)
        # What counts has all callers at work, from its first call to its last.
        early_s, _ = self._timer.until(seat.arrive(), self._calls)
        spent, throttled_s = observe.spent(), observe.throttled_s()
        counted = self._timer.counted(self._calls)
        used = observe.between(spent, observe.spent())
        throttled_s = observe.growth(throttled_s, observe.throttled_s())
        late_s, self._output = self._timer.until(seat.arrive(), self._calls, counted.output)
        taken = Slice(
            started_s=round(started_s, 6),
            ramp_s=round(ramp_s + early_s + late_s, 9),
            samples=counted.samples,
            wall_s=counted.wall_s,
            cpu_s=round(used.cpu_s / self._callers.number, 6),
            idle_s=waited.idle_s,
            idle_cpu_s=waited.idle_cpu_s,
            throttled_s=throttled_s,
        )
        return taken, used

    @property
    def work(self) -> float:
        """How much work a call does, in the workload's unit."""
        return self._workload.work.amount

    @property
    def calls(self) -> int:
        """How many calls make up a sample."""
        return self._calls

    def end(self, *, held: bool) -> Measurement:
        """Check the last output, and sum up. `held`: the launch was stopped between its slices."""
        self._laps.end("waiting_s")
        self._co_runners.end()
        traces = None if self._traces is None else self._count_traces() - self._traces
        surroundings = observe.surroundings(self._ticking)
        check = worst(self._check, self._workload.check_last(self._output))
        self._laps.end("check_s")
        phases = Phases(start_s=round(self._start_s, 3), **{"timing_s": 0.0, **self._laps.seconds})
        return Measurement(
            metric=self._workload.metric,
            work=self._workload.work,
            phases=phases,
            calls_per_sample=self._calls,
            warmup=self._warmup,
            slices=self._slices,
            held=held,
            check=check,
            observed=self._observed(traces),
            usage=observe.total_usage(self._used),
            surroundings=surroundings,
            versions={
                "python": platform.python_version(),
                "numpy": np.__version__,
                "tensorflow": self._tf.__version__,
            },
            model=self._workload.model,
        )

    def _observed(self, traces: int | None) -> Observed:
        intra, inter = self._pools
        wall_s = sum(slice_.wall_s for slice_ in self._slices)
        throttled = [slice_.throttled_s for slice_ in self._slices if slice_.throttled_s is not None]
        return Observed(
            cpus=observe.cpus(),
            inter_threads=inter,
            intra_threads=intra,
            threads=observe.total(observe.threads()),
            cpu_per_wall=round(sum(slice_.cpu_s for slice_ in self._slices) / wall_s, 4) if wall_s else 0.0,
            onednn=observe.onednn(),
            devices=self._devices,
            traces=traces,
            allocator=observe.allocator(),
            throttled_s=round(sum(throttled), 6) if throttled else None,
        )

    def _count_traces(self) -> Any:
        traced = self._workload.traced
        return None if traced is None else traced.experimental_get_tracing_count()


def start_context(tf: Any, case: Case) -> list[str]:
    """Set the pools' sizes by TensorFlow's API and start its context, which reads them once and for all.

    Gives the names of the logical devices.
    """
    if case.intra_op is not None:
        tf.config.threading.set_intra_op_parallelism_threads(case.intra_op)
    if case.inter_op is not None:
        tf.config.threading.set_inter_op_parallelism_threads(case.inter_op)
    return [device.name for device in tf.config.list_logical_devices()]
