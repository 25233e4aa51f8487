"""Compare machines by their folders, and write a report.

python -m analysis.machines --out results/comparison FOLDER FOLDER ...
"""

from pathlib import Path

from analysis.machines.side_by_side import write
from workloads.vocabulary.command_line import parser_of
from workloads.vocabulary.errors import command


def main(argv: list[str] | None = None) -> int:
    """Command line: see the module's docstring."""
    parser = parser_of(main)
    parser.add_argument("--out", type=Path, required=True, help="where the report goes, such as results/comparison")
    parser.add_argument("--claims", type=Path, default=Path("config/claims.yaml"), help="the claims")
    parser.add_argument("folders", type=Path, nargs="*", help="machines' folders, such as results/MACHINE")
    arguments = parser.parse_args(argv)
    return command(lambda: print(f"threadmark: {write(arguments.folders, arguments.out, arguments.claims)}"))


if __name__ == "__main__":
    raise SystemExit(main())
