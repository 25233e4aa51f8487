"""A user's model that does what the variable FAULT says, for real, where the model is loaded.

`ANSWER` is replaced by what a worker would print: a record that a fault can spoil.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
from typing import Any

ANSWER = b""


def answering() -> int:
    """The descriptor of the pipe that the worker keeps for its answer: not standard error's."""
    of_errors = os.readlink("/proc/self/fd/2")
    for name in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{name}")
        except OSError:  # the one that listed the folder
            continue
        if target.startswith("pipe:") and target != of_errors:
            return int(name)
    raise AssertionError("standard output is no pipe")


def answer(said: bytes, times: int = 1) -> None:
    """Write something in the record's place, and end as if all were well."""
    with os.fdopen(answering(), "wb") as pipe:
        for _ in range(times):
            pipe.write(said)
    os._exit(0)


def fork_and_stay() -> None:
    """A process that outlives the worker, with everything of it open."""
    if os.fork() == 0:
        os.setsid()
        time.sleep(600)


def fill_the_disk() -> None:
    """More than the temporary folder holds."""
    with open("/tmp/full", "wb") as file:
        for _ in range(300):
            file.write(b"x" * (1 << 20))


class Late:
    """A model that goes wrong in its second turn."""

    def __init__(self, fault: str) -> None:
        self.fault = fault

    def __call__(self, x: Any) -> Any:
        """Add one, or do something else; each call comes through `add`, in a thread of TensorFlow's."""
        import tensorflow as tf

        return tf.py_function(self.add, [x], tf.float32)

    def add(self, x: Any) -> Any:
        """One more."""
        if turns() > 0:
            match self.fault:
                case "abort":
                    os.abort()
                case "time":
                    time.sleep(600)
                case "flood":
                    answer(b"flood " * (1 << 20), times=14)
        return x + 1.0


def turns() -> int:
    """How many turns the worker has taken if it is in one, by its main thread's stack; 0 elsewhere."""
    frame = sys._current_frames()[threading.main_thread().ident or 0]
    while frame is not None:
        if frame.f_code.co_name == "slice":
            return len(frame.f_locals["self"]._slices)
        frame = frame.f_back  # type: ignore[assignment]
    return 0


def build_model(batch: int) -> Any:
    """The fault, and a model for those that come back from it."""
    import tensorflow as tf

    fault = os.environ.get("FAULT")
    print(f"faulty: {fault}", file=sys.stderr, flush=True)
    match fault:
        case "memory":
            b"x" * (2 << 30)
        case "time" | "killed":
            time.sleep(600)
        case "segfault":
            ctypes.string_at(0)
        case "exit":
            os._exit(3)
        case "flood":
            answer(b"flood " * (1 << 20), times=14)  # 88 MB
        case "garbage":
            answer(b"no record at all\n")
        case "early":
            answer(ANSWER)
        case "disk":
            fill_the_disk()
        case "fork":
            fork_and_stay()
        case "wrong":
            seen = tf.Variable(0.0)
            return (lambda x: seen.assign_add(x)), (1.0,)
        case "late abort" | "late time" | "late flood":
            return Late(fault.removeprefix("late ")), (tf.ones((batch, 4)),)
    return (lambda x: x + 1.0), (tf.ones((batch, 4)),)
