"""How sharp the suite is on this machine: settings that differ in nothing, and slowdowns of known size.

Runs configs of its own on the real engine, and prints a line for each pair: its ratio, half the width of the 95 %
interval, the verdict, and the seconds from the first launch's start to the last one's end. Pairs A/A differ in a
variable that nothing reads; `slowed` does 101 or 103 products for 100. Twenty A/A pairs take half an hour.

    .venv/bin/python -m benchmarks.aa_pairs --pairs 5 --slowdowns 10
    .venv/bin/python -m benchmarks.aa_pairs --workloads branches conv --pairs 2 --slowdowns 0

Ends with status 1 where a number is missed: A/A within 0.6 % in 105 s for each pair, at most one pair in ten called
different; 1 % slower called so in nine runs of ten, within 3 minutes each; 3 % in all, within 90 s.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.comparisons.comparison import COMPARISONS, Comparison
from analysis.comparisons.verdict import Verdict
from analysis.decisions.rounds import together_s
from analysis.tables.tables import read_launches
from benchmarks.measured_config import measure
from workloads.vocabulary.command_line import parser_of

WORKLOADS = ("branches", "conv", "mlp_training", "input_pipeline")
HALF_WIDTH, PAIR_S = 0.006, 105.0
# Percent slower: seconds that a run may take, the share of runs that must see it, and the target that it goes for.
SLOWDOWNS = {1: (180.0, 0.9, 0.003), 3: (90.0, 1.0, 0.01)}


@dataclass(frozen=True)
class Pair:
    """One pair, measured."""

    comparison: Comparison
    seconds: float

    @property
    def half_width(self) -> float:
        """Of the 95 % interval, as a ratio less 1."""
        low, high = self.comparison.low, self.comparison.high
        return float("inf") if low is None or high is None else (high / low) ** 0.5 - 1

    @property
    def line(self) -> str:
        """One row of the table."""
        comparison = self.comparison
        return (
            f"{comparison.sweep:24}{comparison.workload:16}{comparison.ratio or 0:8.4f} "
            f"± {100 * self.half_width:6.2f} %{comparison.pairs:4} rounds{self.seconds:7.0f} s  {comparison.verdict}"
        )


def until(target: float, seconds: float) -> dict[str, Any]:
    """Rounds until intervals are narrow, within so many seconds."""
    return {"until": target, "at_least": 3, "at_most": 30, "budget_minutes": seconds / 60}


def config(workloads: Sequence[str], pairs: int, slowdowns: int) -> dict[str, Any]:
    """A config with a sweep for each pair, so that each has launches and a budget of its own."""
    sweeps: dict[str, Any] = {
        f"aa-{workload.replace('_', '-')}-{number}": {
            "question": "Is a difference seen where there is none?",
            "workloads": [workload],
            "grid": {"env:THREADMARK_PLACEBO": ["a", "b"]},
            "baseline": {"env:THREADMARK_PLACEBO": "a"},
            "rounds": until(HALF_WIDTH, PAIR_S),
        }
        for workload in workloads
        for number in range(1, pairs + 1)
    }
    for extra, (seconds, _, target) in SLOWDOWNS.items():
        for number in range(1, slowdowns + 1):
            sweeps[f"slower-{extra}-{number}"] = {
                "question": "Is a slowdown of known size seen?",
                "workloads": ["slowed"],
                "fixed": {"intra_op": 1, "inter_op": 1},
                "grid": {"extra": [0, extra]},
                "baseline": {"extra": 0},
                "rounds": until(target, seconds),
            }
    named = [*(workloads if pairs else ()), *(["slowed"] if slowdowns else ())]
    return {
        "rounds": 3,
        "audit": "config",
        "peaks": False,
        "images": ["cpu"],
        "fixed": {"TF_ENABLE_ONEDNN_OPTS": 1},
        "workloads": {workload: {} for workload in named},
        "sweeps": sweeps,
    }


def pairs_of(root: Path) -> list[Pair]:
    """What the run in a machine's folder came to."""
    launches = read_launches(root)
    return [
        Pair(
            comparison,
            together_s(
                launches[(launches["sweep"] == comparison.sweep) & (launches["workload"] == comparison.workload)]
            ),
        )
        for comparison in COMPARISONS.read(root)
    ]


def misses(pairs: Sequence[Pair]) -> Iterator[str]:
    """What the run missed, in sentences."""
    same = [pair for pair in pairs if pair.comparison.sweep.startswith("aa-")]
    for pair in same:
        if pair.half_width > HALF_WIDTH or pair.seconds > PAIR_S:
            yield f"{pair.comparison.sweep}: ± {100 * pair.half_width:.2f} % in {pair.seconds:.0f} s"
    different = sum(pair.comparison.verdict.is_difference for pair in same)
    if different > len(same) / 10:
        yield f"{different} of {len(same)} A/A pairs are called different"
    for extra, (seconds, share, _) in SLOWDOWNS.items():
        slower = [pair for pair in pairs if pair.comparison.sweep.startswith(f"slower-{extra}-")]
        seen = sum(pair.comparison.verdict is Verdict.SLOWER and pair.seconds <= seconds for pair in slower)
        if seen < share * len(slower):
            yield f"a slowdown of {extra} % is seen in {seen} of {len(slower)} runs of {seconds:.0f} s"


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    parser = parser_of(main)
    parser.add_argument("--workloads", nargs="+", default=WORKLOADS, help="those of which A/A pairs are made")
    parser.add_argument("--pairs", type=int, default=5, help="A/A pairs of each workload")
    parser.add_argument("--slowdowns", type=int, default=10, help="runs with each slowdown")
    parser.add_argument("--folder", type=Path, default=Path("results/benchmarks/aa_pairs"))
    arguments = parser.parse_args(argv)
    root = measure(config(arguments.workloads, arguments.pairs, arguments.slowdowns), arguments.folder)
    pairs = pairs_of(root)
    for pair in pairs:
        print(pair.line)
    missed = list(misses(pairs))
    print("\n".join(missed) if missed else "every number is reached")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
