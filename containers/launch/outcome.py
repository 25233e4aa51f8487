"""What a container's end means: a status, and for all but ok the reason. Pure."""

from __future__ import annotations

import math
import re
import signal
from dataclasses import dataclass

from workloads.vocabulary import documents
from workloads.vocabulary.errors import DocumentError
from workloads.vocabulary.record import FORMAT, Failure, Measurement, Status

# What Python writes before the one sentence of a user's model that cannot run.
_MODEL_ERROR = re.compile(r"^[\w.]+\.ModelError: ")

_LINES = 20
_COLUMNS = 400


@dataclass(frozen=True)
class Ending:
    """How a launch ended, as the engine, its supervisor and the runner saw it."""

    exit_code: int | None  # None: it never ran
    out_of_memory: bool
    timed_out: bool
    refused: str | None  # the engine's words for not starting it: no such device
    measurement: bytes | None  # as JSON
    nonsense: str | None  # the beginning of what it answered against the protocol, for which it was ended
    stderr: bytes
    killed: bool = False  # its first process, which nothing inside the container can end


def judge(ending: Ending, timeout_s: float) -> tuple[Status, Measurement | None, Failure | None]:
    """The status of a launch, its measurement if there is one, and its failure unless it is ok."""
    if ending.refused is not None:
        return Status.NO_DEVICE, None, _failure(ending, f"the engine has no such device: {ending.refused}")
    if ending.timed_out:
        return Status.TIMEOUT, None, _failure(ending, f"ended after its {timeout_s:g} s")
    if ending.out_of_memory:
        return Status.OUT_OF_MEMORY, None, _failure(ending, "ended by the kernel at its memory limit")
    if ending.nonsense is not None:
        return (
            Status.NO_RECORD,
            None,
            _failure(ending, f"ended for an answer that was not asked for: {ending.nonsense}"),
        )
    if ending.killed:
        return Status.KILLED, None, _failure(ending, "killed from outside its container")
    if ending.exit_code != 0:
        return _bad_exit(ending)
    if ending.measurement is None:
        return Status.NO_RECORD, None, _failure(ending, "ended without a measurement")
    return _measured(ending, ending.measurement)


def words_of(status: Status, failure: Failure) -> str:
    """What went wrong in one sentence: the process's last words where it ended by itself, else the ending."""
    said = [line for line in failure.stderr if line.strip()]
    if status is Status.FAILED and said:
        return _MODEL_ERROR.sub("", said[-1].strip()).rstrip(".")
    return failure.message


def _measured(ending: Ending, text: bytes) -> tuple[Status, Measurement | None, Failure | None]:
    try:
        measurement = documents.parse(Measurement, text, "its measurement")
    except DocumentError as error:
        return Status.NO_RECORD, None, _failure(ending, str(error))
    if measurement.format != FORMAT:
        message = f"its measurement has format {measurement.format}, not {FORMAT}"
        return Status.NO_RECORD, None, _failure(ending, message)
    times = [*measurement.samples, *measurement.warmup, *(slice_.wall_s for slice_ in measurement.slices)]
    if not measurement.samples or not all(math.isfinite(seconds) and seconds > 0 for seconds in times):
        return (
            Status.NO_RECORD,
            None,
            _failure(ending, "its times are not all positive numbers: the clock is not sound"),
        )
    if not measurement.check.passed:
        return Status.WRONG_OUTPUT, measurement, _failure(ending, _wrong(measurement))
    return Status.OK, measurement, None


def _bad_exit(ending: Ending) -> tuple[Status, None, Failure]:
    name = _signal(ending.exit_code)
    if name == "SIGABRT":
        return Status.ABORTED, None, _failure(ending, "aborted itself (SIGABRT), as TensorFlow's fatal checks do")
    if name is not None:
        return Status.SIGNAL, None, _failure(ending, f"ended by {name}")
    return Status.FAILED, None, _failure(ending, f"ended with exit status {ending.exit_code}")


def _wrong(measurement: Measurement) -> str:
    check = measurement.check
    error = "not finite" if check.error is None else f"{check.error:.3g}"
    return f"output error {error}, more than {check.tolerance:.3g}, against {check.reference}"


def _signal(exit_code: int | None) -> str | None:
    # A shell, and every engine, gives 128 + n for a process that signal n ended.
    if exit_code is None or exit_code <= 128:
        return None
    try:
        return signal.Signals(exit_code - 128).name
    except ValueError:
        return None


def _failure(ending: Ending, message: str) -> Failure:
    last = ending.stderr.decode(errors="replace").splitlines()[-_LINES:]
    return Failure(
        message=message,
        stderr=[line[:_COLUMNS] for line in last],
        exit_code=ending.exit_code,
        signal=_signal(ending.exit_code),
    )
