"""A launch's process without TensorFlow: the real supervisor and the real worker, and a call that takes a millisecond.

python3 -m tests.made.measured_process FAULT CASE_JSON            the supervisor
python3 -m tests.made.measured_process --worker FAULT CASE_JSON   the worker that it starts

Of several instances, FAULT@1 is that of the second one alone.
"""

import fcntl
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.made import made_up_workload
from workloads.harness import instances, supervisor, worker
from workloads.vocabulary.record import Case, Timing, to_json

ROOT = Path(__file__).parents[2]
WARMUP_CALLS = 2  # the first one, and one of warm-up
CASE = Case("matmul", {}, None, None, Timing(warmup_s=0.0, slice_s=0.02, cycles=3, min_sample_s=0.001), seed=1)


def command(fault: str, case: Case = CASE) -> list[str]:
    """The words that start the supervisor; in a session of its own it finds the suite from anywhere."""
    here = ["env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "tests.made.measured_process"]
    return [*here, fault, to_json(case)]


class Faulty:
    """A call that goes wrong at its second turn, as the fault says."""

    def __init__(self, fault: str) -> None:
        self.fault, self.calls, self.since = fault, 0, time.monotonic()

    def __call__(self) -> int:
        """Take a millisecond, or do something else."""
        self.calls += 1
        waited_s, self.since = time.monotonic() - self.since, time.monotonic()
        if waited_s > 0.05 and self.calls > WARMUP_CALLS:  # a turn begins
            self.misbehave()
        time.sleep(0.001)
        return self.calls

    def misbehave(self) -> None:
        """What the fault says."""
        match self.fault:
            case "abort":
                os.abort()
            case "exit":
                os._exit(7)
            case "hang":
                time.sleep(600)
            case "nonsense":
                os.write(answers(), b"no answer at all\n")
            case "flood":
                os.write(answers(), b"x" * 10_000)
            case "leave":
                subprocess.Popen(["sleep", "600"])
            case "leave-and-exit":  # with the pipe of its answers
                if not os.fork():
                    time.sleep(600)
                os._exit(7)
            case "raise":
                raise RuntimeError("out of luck")


def answers() -> int:
    """The worker's own descriptor of the pipe for its answers."""
    # Standard error may be one, too; the worker's private one came later.
    return max(int(name) for name in os.listdir("/proc/self/fd") if _is_writable_pipe(name))


def _is_writable_pipe(name: str) -> bool:
    try:
        flags = fcntl.fcntl(int(name), fcntl.F_GETFL)
        return os.readlink(f"/proc/self/fd/{name}").startswith("pipe:") and flags & os.O_ACCMODE == os.O_WRONLY
    except OSError:
        return False


def spin() -> None:
    """Use a CPU for ever, as a pipeline that prefetches does."""
    while True:
        pass


def main(argv: list[str]) -> int:
    """The supervisor, what stands between it and several workers, or a worker."""
    words = [sys.executable, "-m", "tests.made.measured_process"]
    if argv[0] == "--instances":
        return instances.main(argv[2:], [*words, "--worker", argv[1]])
    if argv[0] != "--worker":
        part = "--instances" if supervisor.instances_of(argv) > 1 else "--worker"
        return supervisor.Supervisor([*words, part, *argv]).run()
    fault, _, place = argv[1].partition("@")
    if place and argv[-1] != place:
        fault = "none"
    if fault == "refuse":
        return worker.main(["no case"])
    sys.modules["tensorflow"] = made_up_workload.TensorFlow(["/device:CPU:0"])
    module = made_up_workload.made_up(Faulty(fault))
    worker.find = lambda name: module
    if fault == "busy":
        threading.Thread(target=spin, daemon=True).start()
    return worker.main(argv[2:])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
