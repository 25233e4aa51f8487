"""The machine's peaks of arithmetic and of memory, for the roofline: two launches like any other, outside the plan.

A large float32 matrix product, and the means of the rows of a matrix of 1 GiB, more than caches hold; on all CPUs and
with TensorFlow's own pools. Both are the suite's own workloads, so their outputs are checked. The records go to
peaks.jsonl of the machine's folder.

python -m containers.rounds.peaks --results results/MACHINE --log FILE
"""

import logging
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from containers.machine_lock import alone
from containers.rounds.patience import Patience
from containers.rounds.round import carry_out, measure
from workloads.harness.contract import find
from workloads.vocabulary import documents
from workloads.vocabulary.command_line import add_results, parser_of
from workloads.vocabulary.documents import write_text
from workloads.vocabulary.plan import PEAKS, PEAKS_FILE, Cell, Plan
from workloads.vocabulary.record import KnobValue, Limits, Setting, Timing, identity

log = logging.getLogger("threadmark.peaks")

_WORKLOADS: dict[str, dict[str, Any]] = {"matmul": {"n": 3072}, "reduction": {"rows": 16384, "columns": 16384}}
_TIMING = Timing(warmup_s=0.2, slice_s=0.2, cycles=5, min_sample_s=0.005)
_LIMITS = Limits(memory_bytes=4 << 30, pids=4096, timeout_s=300.0)


def peak_cells(plan: Plan) -> list[Cell]:
    """What is launched for the peaks, in the plan's first image: a cell of one setting for each of the two."""
    image = next(iter(plan.images))
    return [_cell(module, image, plan.images[image]) for module in _WORKLOADS]


def _cell(module: str, image: str, context: str) -> Cell:
    resolved: dict[str, KnobValue] = {"intra_op": None, "inter_op": None}
    setting = Setting(identity(resolved), dict.fromkeys(resolved, "default"), resolved)
    # The default of the variable depends on the CPU.
    fixed: dict[str, KnobValue] = {"image": image, "TF_ENABLE_ONEDNN_OPTS": "1"}
    params = asdict(find(module).Params.of(_WORKLOADS[module]))
    return Cell(
        sweep=PEAKS,
        question="What do this machine's CPUs and its memory give at most?",
        workload=module,
        module=module,
        params=params,
        settings=[setting],
        baseline=setting.id,
        rounds=1,
        definition=identity([module, params, fixed, asdict(_TIMING), asdict(_LIMITS), context]),
        timing=_TIMING,
        limits=_LIMITS,
        seed=1,
        fixed=fixed,
    )


def measure_peaks(results: Path) -> None:
    """Launch what is missing, and put the records into one file. Raises RunError or EngineError."""
    plan = documents.read(Plan, results / "plan.json")
    cells = peak_cells(plan)
    with alone(log.info):
        for cell in cells:
            measure(results, plan, cell, 1, Patience(log.info))
    rounds = [results / cell.round_file(1) for cell in cells]
    write_text(results / PEAKS_FILE, "".join(path.read_text() for path in rounds))
    shutil.rmtree(results / "rounds" / PEAKS)  # with what an interrupted run of another image left there


def main(argv: list[str] | None = None) -> int:
    """Command line: write peaks.jsonl of a machine's folder."""
    parser = parser_of(main)
    add_results(parser)
    parser.add_argument("--log", type=Path, required=True)
    arguments = parser.parse_args(argv)
    return carry_out(lambda: measure_peaks(arguments.results), log_file=arguments.log)


if __name__ == "__main__":
    raise SystemExit(main())
