"""Several instances of a workload in one launch: stands in the worker's place, and hands its orders to several workers.

    python3 -m workloads.harness.instances CASE_JSON

Standard library only. Each instance is a worker with CPUs of its own: the launch's CPUs in the order of their numbers,
in parts that differ by one CPU at most. It has its part from its start on, so that nothing that it loads sees another
CPU. Each order goes to all workers, and their answers become one (workloads.harness.merged). That calls are counted
only while all instances work is the workers' own agreement (workloads.harness.neighbours).

The end of one worker is the end of the launch; the supervisor kills the others. Exit status: that worker's, 128 + n
for signal n. 2 with one sentence: there are fewer CPUs than instances. 3: the orders ended before the last one.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from workloads.harness.merged import merged
from workloads.harness.neighbours import shared_page
from workloads.harness.supervisor import instances_of, wake_on_ends
from workloads.vocabulary.cpu_parts import parts_of
from workloads.vocabulary.protocol import MOST_BYTES, to_line

# Seconds for a worker to end once it has closed its answers.
_LAST_S = 10.0
_SHOWN = 200  # characters of what is no answer
_EXPECTED = {"slice": "sliced", "end": "finished"}


class EndedError(Exception):
    """A worker has ended without its answer."""

    def __init__(self, worker: Worker) -> None:
        super().__init__()
        self.worker = worker


class NonsenseError(Exception):
    """What a worker said is no answer that was asked for; the exception's text is its beginning."""


class Worker:
    """One instance."""

    def __init__(self, command: Sequence[str], cpus: Sequence[int], page: int) -> None:
        """Start it. It inherits its CPUs from this process, which has to take others afterwards."""
        os.sched_setaffinity(0, cpus)
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, pass_fds=(page,)
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.orders, self.answers = self.process.stdin, self.process.stdout
        self._heard = bytearray()  # what was said and not yet taken

    @property
    def has_answered(self) -> bool:
        """Whether a whole answer is there."""
        return b"\n" in self._heard

    def hear(self) -> None:
        """Take in what it says. Raises EndedError at the end of it, and NonsenseError where that has no end."""
        chunk = self.answers.read(1 << 20)
        if not chunk:
            raise EndedError(self)
        self._heard += chunk
        if len(self._heard) > MOST_BYTES:
            raise NonsenseError(_beginning(self._heard))

    def answer(self) -> bytes:
        """Its answer, a line without its end."""
        line, _, self._heard = self._heard.partition(b"\n")
        return bytes(line)

    @property
    def is_gone(self) -> bool:
        """Whether it has ended, and everything that it said was heard."""
        return self.process.poll() is not None and not select.select([self.answers], [], [], 0)[0]

    @property
    def status(self) -> int:
        """How it ended; it is killed where that takes too long."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(_LAST_S)
        self.process.kill()
        status = self.process.wait()
        return status if status >= 0 else 128 - status


class Instances:
    """Hands orders to workers, and on their answers."""

    def __init__(self, commands: Sequence[Sequence[str]], parts: Sequence[Sequence[int]], page: int) -> None:
        """Start a worker by each of the commands, on its part of the CPUs."""
        self._ended = wake_on_ends()
        everywhere = os.sched_getaffinity(0)
        self._workers = [Worker(command, cpus, page) for command, cpus in zip(commands, parts, strict=True)]
        os.sched_setaffinity(0, everywhere)

    def run(self) -> int:
        """Until the last answer, or the first end; the exit status."""
        try:
            self._answer("ready")
            for line in iter(sys.stdin.buffer.readline, b""):
                expected = _EXPECTED[json.loads(line)["order"]]
                for worker in self._workers:
                    with suppress(BrokenPipeError):  # it ended; its answers' end tells
                        worker.orders.write(line)
                self._answer(expected)
                if expected == "finished":
                    sys.stdout.close()
                    os.close(1)  # the supervisor waits no longer for workers than for one
                    return next((status for worker in self._workers if (status := worker.status)), 0)
        except EndedError as ended:
            return ended.worker.status
        except NonsenseError as nonsense:
            _say(str(nonsense))
            return 1
        return 3

    def _answer(self, expected: str) -> None:
        """Hand on what all answer. Raises EndedError and NonsenseError."""
        while waited_for := [worker for worker in self._workers if not worker.has_answered]:
            # A process that a worker left behind may keep its pipe open for ever.
            if gone := [worker for worker in waited_for if worker.is_gone]:
                raise EndedError(gone[0])
            sources: list[Any] = [self._ended, *(worker.answers for worker in waited_for)]
            readable, _, _ = select.select(sources, [], [])
            if self._ended in readable:
                os.read(self._ended, 1 << 10)
            for worker in waited_for:
                if worker.answers in readable:
                    worker.hear()
        lines = [worker.answer() for worker in self._workers]
        answers = [_parsed(line, expected) for line in lines]
        try:
            _say(to_line(merged(answers)))
        except (KeyError, TypeError, ValueError):
            raise NonsenseError(_beginning(lines[0])) from None


def _parsed(line: bytes, expected: str) -> dict[str, Any]:
    """An answer's JSON. Raises NonsenseError for what is none of the kind that is expected."""
    with suppress(ValueError):
        answer = json.loads(line)
        if isinstance(answer, dict) and answer.get("answer") == expected:
            return answer
    raise NonsenseError(_beginning(line))


def _beginning(said: bytes | bytearray) -> str:
    return said[:_SHOWN].decode(errors="replace")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def cases_of(text: str, instances: int) -> list[str]:
    """The case of each instance, as JSON: together they start as many co-runners as the launch's case asks for."""
    case = json.loads(text)
    shares = [len(part) for part in parts_of(range(case["co_runners"]), instances)]
    return [json.dumps({**case, "co_runners": share}) for share in shares]


def main(argv: list[str], worker: Sequence[str] = (sys.executable, "-m", "workloads.harness.worker")) -> int:
    """Run the case on the command line; `worker`: the words that start one. The exit status."""
    instances, cpus = instances_of(argv), sorted(os.sched_getaffinity(0))
    if not 1 <= instances <= len(cpus):
        print(f"workloads.harness.instances: {instances} instances need as many CPUs, not {len(cpus)}", file=sys.stderr)
        return 2
    page = shared_page(instances * json.loads(argv[-1]).get("concurrency", 1))
    commands = [[*worker, case, str(page), str(place)] for place, case in enumerate(cases_of(argv[-1], instances))]
    return Instances(commands, parts_of(cpus, instances), page).run()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
