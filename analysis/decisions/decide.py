"""Decides on a cell's next rounds, from the records of those before, and writes the decision down.

Made once: a decision on file stands, and the same records give the same one again.

    python -m analysis.decisions.decide --results results/MACHINE --cell SWEEP/WORKLOAD@DEFINITION --after 5 --out FILE
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from analysis.decisions import interval_width, search
from analysis.decisions.rounds import Rounds, rounds_of
from analysis.records.folder import read_records, read_whole_plan
from analysis.tables.tidy import tidy
from workloads.vocabulary import documents
from workloads.vocabulary.command_line import add_results, parser_of
from workloads.vocabulary.errors import AnalysisError, command
from workloads.vocabulary.plan import AdaptiveBy, Cell, Decision, Plan


def decide(root: Path, plan: Plan, cell: Cell, after: int) -> Decision:
    """The decision after a cell's first rounds. Raises AnalysisError if they are not on file."""
    if cell.adaptive is None:
        raise AnalysisError(f"cell {cell.name}: its number of rounds is fixed; there is nothing to decide")
    rounds = _read_rounds(root, plan, cell, after)
    if not rounds.asked.any(axis=0).all():
        raise AnalysisError(
            f"{root / cell.directory}: a round of the first {after} is not on file", "run `snakemake --cores 1`"
        )
    if cell.adaptive.by is AdaptiveBy.SEARCH:
        return search.decide(rounds, cell.adaptive)
    return interval_width.decide(rounds, cell.adaptive)


def _read_rounds(root: Path, plan: Plan, cell: Cell, number: int) -> Rounds:
    """The first `number` rounds of a cell from their records below the machine's folder. Raises AnalysisError."""
    alone = replace(plan, cells=[replace(cell, rounds=number, adaptive=None)])
    return rounds_of(cell, tidy(read_records(root, alone), alone).launches, number)


def write(root: Path, cell_name: str, after: int, out: Path) -> None:
    """Write the decision after a cell's first rounds. Raises AnalysisError if cell or rounds are missing."""
    plan = read_whole_plan(root)
    cell = next((cell for cell in plan.cells if cell.name == cell_name), None)
    if cell is None:
        raise AnalysisError(f"{root / 'plan.json'} has no cell {cell_name}", "make the plan again")
    documents.write(out, decide(root, plan, cell, after))


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    parser = parser_of(main)
    add_results(parser)
    parser.add_argument("--cell", required=True, help="SWEEP/WORKLOAD@DEFINITION")
    parser.add_argument("--after", type=int, required=True, help="how many rounds are on file")
    parser.add_argument("--out", type=Path, required=True, help="the decision")
    arguments = parser.parse_args(argv)
    return command(lambda: write(arguments.results, arguments.cell, arguments.after, arguments.out))


if __name__ == "__main__":
    raise SystemExit(main())
