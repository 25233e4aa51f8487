"""The suite against pyperf: the same call, twice the same setting, equal time. Which one errs by how much?

pyperf measures a workload's call twice with its defaults, one run after the other, in the suite's CPU image. The suite
then measures an A/A pair in turns, with as many rounds as end within the time that pyperf's two runs took. Both know
that the true ratio is 1. A pair each, as often as is asked for; the error is the root of the mean square.

    .venv/bin/python -m benchmarks.against_pyperf --workload branches --pairs 3

pyperf takes about 80 s a run. Ends with status 1 unless the suite's error is at most a twentieth of pyperf's.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyperf

from analysis.comparisons.comparison import COMPARISONS
from analysis.decisions.rounds import together_s
from analysis.tables.tables import read_launches
from benchmarks.measured_config import ROOT, measure
from containers.engine import connection as engine
from containers.engine.labels import PROBE
from workloads.vocabulary import documents
from workloads.vocabulary.command_line import parser_of
from workloads.vocabulary.inventory import Receipt

SHARE = 1 / 20
FEWEST_ROUNDS = 3


@dataclass(frozen=True)
class Taken:
    """One A/A pair by one of the two."""

    log_ratio: float  # 0 is the truth
    seconds: float  # all that it took, start-up included

    @property
    def line(self) -> str:
        """In words."""
        return f"off by {100 * math.expm1(abs(self.log_ratio)):.3f} % after {self.seconds:.0f} s"


def config(workload: str, pairs: int, rounds: int) -> dict[str, Any]:
    """A sweep for each pair; the number of rounds is no part of what is measured, so that more may follow."""
    return {
        "rounds": rounds,
        "audit": "config",
        "peaks": False,
        "images": ["cpu"],
        "workloads": {workload: {}},
        "sweeps": {
            f"pair-{number}": {
                "question": "Is a difference seen where there is none?",
                "workloads": [workload],
                "grid": {"env:THREADMARK_PLACEBO": ["a", "b"]},
                "baseline": {"env:THREADMARK_PLACEBO": "a"},
            }
            for number in range(1, pairs + 1)
        },
    }


def of_suite(root: Path) -> list[Taken]:
    """The suite's pairs on file."""
    launches = read_launches(root)
    return [
        Taken(math.log(comparison.ratio), together_s(launches[launches["sweep"] == comparison.sweep]))
        for comparison in COMPARISONS.read(root)
        if comparison.ratio is not None
    ]


def of_pyperf(root: Path, workload: str) -> Taken:
    """Two runs of pyperf, one after the other."""
    started = time.monotonic()
    means = [run_pyperf(root, workload) for _ in range(2)]
    return Taken(math.log(means[1] / means[0]), time.monotonic() - started)


def run_pyperf(root: Path, workload: str) -> float:
    """The mean that one run with pyperf's defaults gives, in seconds."""
    image = documents.read(Receipt, root / "images/cpu.json").image
    here, library = Path(__file__).parent, Path(pyperf.__file__).parent
    suite, site, beside = "/opt/threadmark/suite", "/opt/threadmark/site", "/opt/beside"
    # pyperf starts its workers with an empty environment but for what it is told to keep.
    script = (
        f"python3 {beside}/pyperf_payload.py {workload} --inherit-environ PYTHONPATH,LD_LIBRARY_PATH"
        " --quiet -o /tmp/result.json > /tmp/log 2>&1 || { cat /tmp/log >&2; exit 1; }; cat /tmp/result.json"
    )
    client = engine.connect()
    try:
        answer: bytes = client.containers.run(
            image.id,
            entrypoint=["/bin/sh", "-c", script],
            environment={"PYTHONPATH": f"{suite}:{site}:{beside}"},
            volumes={
                str(here / "pyperf_payload.py"): {"bind": f"{beside}/pyperf_payload.py", "mode": "ro"},
                str(library): {"bind": f"{beside}/pyperf", "mode": "ro"},
            },
            network_mode="none",
            labels=PROBE,
            remove=True,
        )
    finally:
        client.close()
    return float(pyperf.Benchmark.loads(json.dumps(json.loads(answer))).mean())


def rounds_within(seconds: float, taken: Sequence[Taken], rounds: int) -> int:
    """How many rounds of a pair end within so many seconds, going by the slowest pair so far."""
    return max(FEWEST_ROUNDS, math.floor(seconds / max(search.seconds / rounds for search in taken)))


def rms(pairs: Sequence[Taken]) -> float:
    """The error of several pairs."""
    return math.sqrt(sum(pair.log_ratio**2 for pair in pairs) / len(pairs))


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    parser = parser_of(main)
    parser.add_argument("--workload", default="branches")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=ROOT / "results/benchmarks/against_pyperf")
    arguments = parser.parse_args(argv)
    # The first rounds build the image, and tell what a round takes.
    root = measure(config(arguments.workload, arguments.pairs, FEWEST_ROUNDS), arguments.folder)
    by_pyperf = [of_pyperf(root, arguments.workload) for _ in range(arguments.pairs)]
    rounds = rounds_within(min(pair.seconds for pair in by_pyperf), of_suite(root), FEWEST_ROUNDS)
    by_suite = of_suite(measure(config(arguments.workload, arguments.pairs, rounds), arguments.folder))
    for name, pairs in (("pyperf", by_pyperf), ("suite", by_suite)):
        for pair in pairs:
            print(f"{name:8}{pair.line}")
    share = rms(by_suite) / rms(by_pyperf)
    print(f"rms: pyperf {100 * rms(by_pyperf):.3f} %, suite {100 * rms(by_suite):.3f} %; ratio 1 / {1 / share:.1f}")
    return 0 if share <= SHARE else 1


if __name__ == "__main__":
    raise SystemExit(main())
