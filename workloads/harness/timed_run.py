"""Times a case where it is started, all of its turns one after another, and prints what a call takes.

    python3 -m workloads.harness.timed_run CASE_JSON

For whoever pastes a report's line: no runner gives the orders, so that it gives them itself. Standard library only.
The exit status is the launch's own; what its process says goes to standard error.
"""

import json
import os
import statistics
import subprocess
import sys
from typing import IO, Any

from workloads.vocabulary.protocol import Order, to_line


def main(argv: list[str]) -> int:
    """Run the case on the command line; gives the exit status."""
    words = [sys.executable, "-m", "workloads.harness.supervisor", *argv]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as launch:
        assert launch.stdin is not None
        assert launch.stdout is not None
        measurement = _measured(json.loads(argv[0])["timing"]["cycles"], launch.stdin, launch.stdout)
        launch.stdin.close()
        status = launch.wait()
    if measurement is None:
        return status or os.EX_SOFTWARE
    print(told(measurement))
    return 0 if measurement["check"]["passed"] else os.EX_DATAERR


def _measured(cycles: int, orders: IO[bytes], answers: IO[bytes]) -> dict[str, Any] | None:
    """The measurement after so many turns; None where the launch ended before."""
    answer: dict[str, Any] = {}
    for order in (None, *[Order("slice")] * cycles, Order("end")):
        if order is not None:
            orders.write(to_line(order).encode() + b"\n")
            orders.flush()
        line = answers.readline()
        answer = json.loads(line) if line else {"answer": "ended"}
        if answer["answer"] == "ended":
            return None
    measurement: dict[str, Any] = answer["measurement"]
    return measurement


def told(measurement: dict[str, Any]) -> str:
    """One line: what a call takes, how much work is done, and whether the output is right."""
    samples = [sample for taken in measurement["slices"] for sample in taken["samples"]]
    calls = len(samples) * measurement["calls_per_sample"]
    seconds = sum(taken["wall_s"] for taken in measurement["slices"])
    work = measurement["work"]
    check = measurement["check"]
    return (
        f"{1e3 * statistics.median(samples):.4g} ms a call (median of {len(samples)} samples),"
        f" {calls * work['amount'] / seconds:.4g} {work['unit']}/s,"
        f" output {'as expected' if check['passed'] else 'WRONG'} against {check['reference']}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
