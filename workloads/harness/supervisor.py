"""The first process of a launch's container: it hands orders to the worker, and holds it still between them.

    python3 -m workloads.harness.supervisor CASE_JSON

Standard library only. A first process cannot end itself by a signal such as abort()'s, so the worker is another one:
its end is told as it was, with the kernel's own word on whether memory ran out, which not every engine gives. Orders
come in and answers go out as lines of workloads.vocabulary.protocol. The exit status is the worker's, 128 + n for
signal n. Where a case asks for several instances, workloads.harness.instances stands in the worker's place.

A launch that waits for its turn must not compute. Its CPU time between two orders is measured; where it is more than
`IDLE_CPUS`, all of the worker's processes are stopped after each answer and go on before each order, from then on.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from workloads.vocabulary.protocol import MOST_BYTES, ORPHANED, Ended, Order, to_line

# CPUs that a waiting launch may keep busy: what a hundredth of a CPU does to another launch's time is not seen in it.
IDLE_CPUS = 0.01
# CPU seconds, of all waits together, that are no reason to hold a launch: the worker's own reading and writing takes a
# tenth of a millisecond each time, on a crowded machine a whole one.
LEAST_CPU_S = 0.005
# Seconds for the worker to end once it has closed its answers: TensorFlow takes its threads down.
_LAST_S = 10.0
_SHORT_BYTES = 4096  # of an answer that is no measurement
_SHOWN = 200  # characters of an answer that is not the protocol's
_EXPECTED = {"slice": "sliced", "end": "finished"}


@dataclass
class Waiting:
    """The processes of a session while nothing is asked of them: what they use, and how they are held still."""

    session: int
    held: bool = False  # from when they turned out not to be idle
    _idle_s: float = 0.0  # of all waits so far
    _spent_s: float = 0.0  # CPU time in them
    _since: float = 0.0
    _used: dict[int, float] = field(default_factory=dict)

    def begin(self) -> None:
        """An answer was given: from now on they should be idle."""
        processes = members(self.session)
        if self.held:
            _signal(processes, signal.SIGSTOP)
        self._since = time.monotonic()
        self._used = {process: cpu for process in processes if (cpu := cpu_s(process)) is not None}

    def end(self) -> Order:
        """An order came: let them go on, and tell how they waited."""
        idle_s, held = time.monotonic() - self._since, self.held
        now = {process: cpu_s(process) for process in self._used}
        spent = sum(cpu - self._used[process] for process, cpu in now.items() if cpu is not None)
        self._idle_s, self._spent_s = self._idle_s + idle_s, self._spent_s + spent
        if self._spent_s > max(IDLE_CPUS * self._idle_s, LEAST_CPU_S):
            self.held = True
        if held:
            _signal(list(self._used), signal.SIGCONT)
        return Order("slice", round(idle_s, 6), round(spent, 6) if self._used else None, held)


def members(session: int) -> list[int]:
    """The worker's processes: all others, where this is a container's first one, else those of the worker's session."""
    numbers = [int(entry) for entry in os.listdir("/proc") if entry.isdecimal()]
    if os.getpid() == 1:
        return [number for number in numbers if number != 1]
    return [number for number in numbers if _session(number) == session]


def _session(process: int) -> int | None:
    try:
        return os.getsid(process)
    except OSError:  # it ended just now
        return None


def cpu_s(process: int) -> float | None:
    """CPU time of a process and its threads so far, in seconds; None if it has ended."""
    # How the kernel numbers the CPU clock of another process, to the nanosecond: clock_getcpuclockid(3).
    with suppress(OSError):
        return time.clock_gettime(~process << 3 | 2)
    return None


def _signal(processes: list[int], number: int) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, number)


class Supervisor:
    """Stands between the runner, on standard input and output, and a worker."""

    def __init__(self, command: list[str]) -> None:
        self._kills = memory_kills()
        self._ended = wake_on_ends()
        self._worker = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, bufsize=0
        )
        assert self._worker.stdin is not None
        assert self._worker.stdout is not None
        self._orders, self._answers = self._worker.stdin, self._worker.stdout
        self._runner = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115  # as long as the process
        self._waiting = Waiting(self._worker.pid)
        self._heard = b""  # of an answer that is not whole yet
        self._expected: str | None = "ready"

    def run(self) -> int:
        """Hand orders and answers on until the worker ends; the exit status. The end of standard input ends it."""
        nonsense = None
        while nonsense is None:
            sources: list[Any] = [self._answers, self._runner, self._ended]
            readable, _, _ = select.select(sources, [], [])
            if self._answers in readable:
                chunk = self._answers.read(1 << 20)
                if not chunk:
                    break
                nonsense = self._hear(chunk)
            # A process that the worker left behind may keep its pipe open for ever.
            elif self._ended in readable:
                os.read(self._ended, 1 << 10)
                if self._worker.poll() is not None and not select.select([self._answers], [], [], 0)[0]:
                    break
            elif not self._take_order():
                self._kill()
                return ORPHANED
        if nonsense is None:
            with suppress(subprocess.TimeoutExpired):
                self._worker.wait(_LAST_S)
        self._kill()
        return self._tell_end(nonsense)

    def _take_order(self) -> bool:
        line = self._runner.readline()
        if not line:
            return False
        order = Order(**json.loads(line))
        waited = self._waiting.end()
        self._expected = _EXPECTED[order.order]
        with suppress(BrokenPipeError):  # it ended while it waited; what it says last is still to be read
            self._orders.write(to_line(replace(waited, order=order.order)).encode() + b"\n")
        return True

    def _hear(self, chunk: bytes) -> str | None:
        """Hand whole answers on; gives what is none, cut short."""
        self._heard += chunk
        most = MOST_BYTES if self._expected == "finished" else _SHORT_BYTES
        while b"\n" in self._heard or len(self._heard) > most:
            line, _, self._heard = self._heard.partition(b"\n")
            if not self._is_expected(line):
                return line[:_SHOWN].decode(errors="replace")
            waits = self._expected != "finished"
            self._expected = None
            sys.stdout.buffer.write(line + b"\n")
            sys.stdout.buffer.flush()
            if waits:
                self._waiting.begin()
        return None

    def _is_expected(self, line: bytes) -> bool:
        if self._expected is None:
            return False
        # The kind comes last, and a measurement is long: it is parsed once, by the runner.
        return line.startswith(b"{") and line.endswith(f'"answer":"{self._expected}"}}'.encode())

    def _kill(self) -> None:
        """Kill what is left of the launch."""
        _signal(members(self._worker.pid), signal.SIGKILL)

    def _tell_end(self, nonsense: str | None) -> int:
        status = self._worker.wait()
        code = status if status >= 0 else 128 - status
        # What a crash cut short is no nonsense.
        if nonsense is None and self._heard and code == 0:
            nonsense = self._heard[:_SHOWN].decode(errors="replace")
        killed = code == 128 + signal.SIGKILL and memory_kills() > self._kills
        print(to_line(Ended(code, out_of_memory=killed, nonsense=nonsense)), flush=True)
        return code


def wake_on_ends() -> int:
    """A descriptor that can be read from whenever a child has ended."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    return reader


def memory_kills(cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """How many processes of this container the kernel has killed at its memory limit, cgroup v2 or v1."""
    for file in (cgroup / "memory.events", cgroup / "memory/memory.oom_control"):
        with suppress(OSError, ValueError):
            for line in file.read_text().splitlines():
                name, _, count = line.partition(" ")
                if name == "oom_kill":
                    return int(count)
    return 0


def main(argv: list[str]) -> int:
    """Run the worker, or several, with the same arguments; the exit status."""
    words = ["-m", "workloads.harness.instances"] if instances_of(argv) > 1 else ["-m", "workloads.harness.worker"]
    return Supervisor([sys.executable, *words, *argv]).run()


def instances_of(argv: list[str]) -> int:
    """How many instances a case asks for; 1 for what is no case, of which the worker will say what is wrong."""
    with suppress(ValueError, IndexError, AttributeError):
        asked = json.loads(argv[-1]).get("instances", 1)
        return asked if isinstance(asked, int) else 1
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
